/** Which release this is, for the manager, administrators and clients of the API. The numbers stand in `manifest/release.json` and nowhere else. */
import { z } from 'zod'
import manifest from '../../manifest/release.json' with { type: 'json' }
import { asset } from './native.ts'

export interface Release {
  /** Release name, such as `13r3`: version.id of the manager (app-platform-local 2.2), `major` of GetUserInfo (wire-protocols 3.3). */
  readonly id: string
  /** Build number, rising with every package (wire-protocols 8.1). */
  readonly build: string
  /** `dvl`, `sr1`, `final` (wire-protocols 8.1). */
  readonly label: string
  /** Folder of the app's files, named by their content in hex digits (wire-protocols 5.8, 6.1): caches and CheckBuild see each change. */
  readonly files: string
}

const embedded = z.object({ files: z.string() })

export const readRelease = (): Release => ({ ...manifest, ...embedded.parse(JSON.parse(Buffer.from(asset('release.json') ?? []).toString())) })

/** As devices write it: `13r3 dvl [1000]` (wire-protocols 2.5). */
export const releaseText = ({ id, build, label }: Omit<Release, 'files'>): string => `${id} ${label} [${build}]`
