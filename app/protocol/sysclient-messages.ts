/** JSON of the sysclient admin messages (wire-protocols 2.5-2.10). */
import { z } from 'zod'
import { checker, REFUSED } from './checker.ts'
import { LIMITS } from '../limits.ts'
import { DEVICE_TYPES, ethIf, text } from './types.ts'

const verbatim = text(LIMITS.identifyText.value)
const build = z.union([text(64), z.number()]).transform(String).optional().catch(undefined)
const soft = verbatim.optional().catch(undefined)
const readEthIf = checker(ethIf)
const yes = z.boolean().optional().catch(undefined)

/**
 * Identify (2.5). `id`, `product` and `version` go verbatim into the digest. Optional fields of a wrong type are dropped,
 * so that one odd field never keeps a device out; unknown fields are ignored.
 */
export const identify = z.object({
  id: text(LIMITS.hwId.value).min(1), product: verbatim, version: verbatim,
  platform: z.object({ type: z.enum(DEVICE_TYPES), fxs: yes }),
  name: soft, fwBuild: build, bcBuild: build, major: soft, fw: soft, bc: soft,
  provisioningCode: soft, digest: soft, mini: yes, pbxActive: yes, other: yes, webserverRootPage: soft,
  ethIfs: z.array(z.unknown()).optional().catch(undefined).transform(list => list?.slice(0, LIMITS.ethIfs.value).flatMap(entry => {
    const read = readEthIf(entry)
    return read === REFUSED ? [] : [read]
  })),
})
export type Identify = z.infer<typeof identify>

/** Provision (2.9): an FXS interface and the code typed at it. */
export const provision = z.object({ id: text(32), code: text(64) })

const decoder = new TextDecoder('utf-8', { fatal: true })

export type Parsed<T> = { readonly ok: true, readonly value: T } | { readonly ok: false, readonly why: string }

/** Parses the JSON of an admin message: valid UTF-8, one trailing zero tolerated (2.4), then the table. */
export function parseAdmin<T>(json: Uint8Array, schema: z.ZodType<T>): Parsed<T> {
  let end = json.length
  while (end > 0 && json[end - 1] === 0) end--
  let raw: unknown
  try {
    raw = JSON.parse(decoder.decode(json.subarray(0, end)))
  } catch (cause) {
    return { ok: false, why: cause instanceof SyntaxError ? 'not JSON' : 'not UTF-8' }
  }
  const read = checker(schema)(raw)
  if (read !== REFUSED) return { ok: true, value: read }
  const parsed = schema.safeParse(raw)
  if (parsed.success) return { ok: true, value: parsed.data }
  const issue = parsed.error.issues[0]
  return { ok: false, why: `${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'invalid'}` }
}

/** The text whose lower-case hex SHA-256 answers a challenge (2.7). */
export const digestText = (device: { id: string, product: string, version: string }, challenge: string, password: string): string =>
  `${device.id}:${device.product}:${device.version}:${challenge}:${password}`
