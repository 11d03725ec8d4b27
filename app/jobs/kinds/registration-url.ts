/**
 * Gives devices a new registration URL (features 13; device-commands 1.3, 2.9): `config change`, `config write`, a look into cfg.txt,
 * `config activate`. The look comes before the last step, because the device may leave for its new address at once; for the
 * same reason a connection that breaks during the last step is no failure.
 */
import { z } from 'zod'
import { LIMITS } from '../../limits.ts'
import type { DeviceStore } from '../../devices/device-store.ts'
import { selectionWhere } from '../../devices/selection.ts'
import { maySee } from '../../domains/viewer.ts'
import { isObserved, OBSERVED, type Observation } from '../../domains/observed.ts'
import { DeviceHttpError, type DeviceHttp } from '../../passthrough/device-http.ts'
import { selection } from '../../protocol/task-messages.ts'
import { Status } from '../../store/schema.ts'
import { urlOption } from '../../devices/option-value.ts'
import { commandFailure, commandTarget, configuredValue } from '../device-commands.ts'
import type { Kind, Outcome } from '../kinds.ts'

export const registrationUrlWork = z.object({
  url: z.string(),
  /** Absent: all visible devices. */
  selection: selection.optional(),
  /** Started by the service itself: only devices that are connected; others are added when they come by a former host name. */
  automatic: z.boolean(),
})
export type RegistrationUrlWork = z.infer<typeof registrationUrlWork>

export interface RegistrationUrlDeps extends Observation {
  readonly http: Pick<DeviceHttp, 'get'>
  readonly devices: DeviceStore
}

const PAUSES = [10_000, 60_000, 600_000]
const NEVER = 'Not sent: the device is not one of innovaphone, or it is only observed here.'
const failed = (text: string, again = false): Outcome => ({ is: 'failed', text, again })

export const registrationUrl = (deps: RegistrationUrlDeps): Kind => (raw, viewer) => {
  const { url, selection, automatic } = registrationUrlWork.parse(raw)
  const chosen = selectionWhere(viewer, selection)
  const commands = [`config change SYSCLIENT /sysadmin ${urlOption(url)}`, 'config write'].map(commandTarget)
  const activate = commandTarget('config activate')

  /** Why this device gets nothing; looked at when its turn comes, because much may have happened since. */
  function needless(deviceId: number): string | undefined {
    const row = deps.devices.row(deviceId)
    if (!row || row.domainId === 0 || !maySee(viewer, row.domainId)) return 'The device was deleted or moved.'
    return row.other || isObserved(deps, row.domainId) ? NEVER : undefined
  }

  async function exchange(hwId: string): Promise<Outcome> {
    for (const target of commands) {
      const failure = commandFailure(await deps.http.get(hwId, target))
      if (failure !== undefined) return failed(failure)
    }
    const cfg = await deps.http.get(hwId, '/cfg.txt')
    if (cfg.status !== 200) return failed(`The device does not show its configuration (status ${cfg.status}).`)
    if (configuredValue(cfg.body.toString('latin1'), 'SYSCLIENT', 'sysadmin') !== url) return failed('The device did not keep the address.')
    try {
      const failure = commandFailure(await deps.http.get(hwId, activate))
      return failure === undefined ? { is: 'done' } : failed(failure)
    } catch (cause) {
      if (cause instanceof DeviceHttpError && cause.code === 'gone') return { is: 'done' }
      throw cause
    }
  }

  return {
    how: 'exchange', width: LIMITS.registrationUrlsAtOnce.value, pauses: PAUSES, patience: LIMITS.registrationUrlPatience.value,
    tooLate: 'Not connected for 30 days.',
    devices: { sql: `domain_id <> 0 AND ${automatic ? `status = ${Status.online} AND ` : ''}${chosen.sql}`, values: chosen.values },
    skips: [{ sql: `(other = 1 OR ${OBSERVED})`, text: NEVER }],
    work: async device => {
      const text = needless(device.deviceId)
      if (text !== undefined) return { is: 'skipped', text }
      try {
        return await exchange(device.hwId)
      } catch (cause) {
        if (cause instanceof DeviceHttpError) return failed(cause.message, cause.code !== 'too-long')
        throw cause
      }
    },
  }
}
