/** The facts in `manifest/`, as the App Store files and the tree take them (wire-protocols 8). */
import { z } from 'zod'
import app from '../app.json' with { type: 'json' }
import release from '../release.json' with { type: 'json' }

const line = z.string().min(1)

/** Names as chapter 8.1 has them: `manufacturer-app` of letters, `-` and `_`; the build is a whole number of at least 1000. */
const releaseShape = z.strictObject({
  id: z.string().regex(/^\d+r\d+$/),
  build: z.string().regex(/^[1-9]\d{3,}$/),
  label: z.string().regex(/^(dvl|final|(alpha|beta|rc|sr)\d+)$/),
})
const appShape = z.strictObject({
  id: z.string().regex(/^[A-Za-z_]+-[A-Za-z_-]+$/),
  manufacturer: line, title: line, description: line, support: line, impressum: line, license_type: line, license_info: line,
  langs: z.array(z.string().regex(/^[a-z]{2}$/)).min(1), categories: z.array(line).min(1),
})

export type AppManifest = z.infer<typeof appShape>
export type ReleaseManifest = z.infer<typeof releaseShape>

export const MANIFEST: { readonly app: AppManifest, readonly release: ReleaseManifest } = { app: appShape.parse(app), release: releaseShape.parse(release) }

/** `apps.json` (wire-protocols 8.2): fields in the order of the document. */
export const appsJson = ({ app: { id, ...about }, release: version }: typeof MANIFEST): object => ({ apps: [{ id, folder: id, binary: id, versions: [version], ...about }] })
