/**
 * Carries administrative passwords to connected devices after the password of a domain has changed, or after its checkmark was set
 * (features 2.3). There is no acknowledgement in the protocol: a websocket ping follows the message, its pong proves that it
 * arrived. A device that is not connected counts as skipped, because it gets the password with its next connection in any case.
 */
import { z } from 'zod'
import { LIMITS } from '../../limits.ts'
import { id } from '../../protocol/types.ts'
import { Status } from '../../store/schema.ts'
import type { Kind, Outcome } from '../kinds.ts'

export const adminPasswordWork = z.object({
  domainId: id,
  /** Devices with the domain's password, with random ones, or both. */
  kinds: z.array(z.enum(['domain', 'random'])).min(1),
  /** Random passwords are made anew. */
  renew: z.boolean(),
})
export type AdminPasswordWork = z.infer<typeof adminPasswordWork>

export interface AdminPasswordDeps {
  /** Sends the password of a connected device; calls back once. Returns a function that stops waiting. */
  readonly deploy: (hwId: string, done: (result: 'confirmed' | 'gone' | 'none') => void) => () => void
  /** Forgets the random passwords of a domain's devices with ids in this range: each gets a new one when it is sent next. */
  readonly forgetRandom: (domainId: number, after: number, until: number) => void
}

const LATER = 'Not connected. It gets the password when it comes.'
const PAUSES = [2_000, 15_000, 60_000]

export const adminPasswords = (deps: AdminPasswordDeps): Kind => raw => {
  const { domainId, kinds, renew } = adminPasswordWork.parse(raw)
  return {
    how: 'exchange', width: LIMITS.passwordsAtOnce.value, pauses: PAUSES, patience: LIMITS.passwordPatience.value, tooLate: LATER,
    devices: { sql: `domain_id = ? AND admin_password_kind IN (${kinds.map(() => '?').join(',')})`, values: [domainId, ...kinds] },
    skips: [{ sql: `status <> ${Status.online}`, text: LATER }],
    ...(renew ? { noted: (after: number, until: number) => deps.forgetRandom(domainId, after, until) } : {}),
    work: device => new Promise<Outcome>(resolve => {
      const late = setTimeout(() => {
        stop()
        resolve({ is: 'failed', text: 'The device did not confirm the password in time.', again: true })
      }, LIMITS.passwordConfirmed.value)
      const stop = deps.deploy(device.hwId, result => {
        clearTimeout(late)
        if (result === 'confirmed') resolve({ is: 'done' })
        else if (result === 'gone') resolve({ is: 'failed', text: 'The connection broke before the password was confirmed.', again: true })
        else resolve({ is: 'skipped', text: 'The domain of the device does not deploy passwords any more.' })
      })
    }),
  }
}
