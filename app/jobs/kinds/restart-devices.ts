/**
 * Restarts devices through their tunnels (device-commands 2.10, chapter 3): at once with the reset of the device's own page, which
 * confirms with `reset="true"`, or with `ireset`, where the device waits by itself until no call is active. A device is never told
 * twice by itself: whatever leaves it open whether it was told counts as failed. Only a connection that breaks while the device is
 * being told is what was asked for.
 */
import { z } from 'zod'
import { LIMITS } from '../../limits.ts'
import type { DeviceStore } from '../../devices/device-store.ts'
import { selectionWhere } from '../../devices/selection.ts'
import { isObserved, OBSERVED, type Observation } from '../../domains/observed.ts'
import { maySee } from '../../domains/viewer.ts'
import { DeviceHttpError, type DeviceHttp } from '../../passthrough/device-http.ts'
import { selection } from '../../protocol/task-messages.ts'
import { Status } from '../../store/schema.ts'
import { commandFailure, commandTarget } from '../device-commands.ts'
import type { Kind, Outcome } from '../kinds.ts'

export const restartWork = z.object({ selection, whenIdle: z.boolean() })
export type RestartWork = z.infer<typeof restartWork>

export interface RestartDeps extends Observation {
  readonly http: Pick<DeviceHttp, 'get'>
  readonly connected: (hwId: string) => boolean
  readonly devices: Pick<DeviceStore, 'row'>
}

/** Before further attempts at a device that was not told yet. */
const PAUSES = [2_000, 15_000, 60_000]

const TEXTS = {
  unassigned: 'It has to be added to a domain first.',
  other: 'It is not a device of innovaphone: there is no command for it.',
  observer: 'It is only observed here.',
  platform: 'An App Platform is restarted in its own manager.',
  absent: 'Not connected.',
  moved: 'The device was deleted or moved.',
  interrupted: 'The service ended while this device was told to restart: it may have restarted.',
  unconfirmed: 'The device did not confirm the restart.',
} as const

const skips = [
  { sql: `(domain_id = 0 OR status IN (${Status.unassigned}, ${Status.lost}))`, text: TEXTS.unassigned },
  { sql: 'other = 1', text: TEXTS.other },
  { sql: OBSERVED, text: TEXTS.observer },
  { sql: `type = 'APP_PLATFORM'`, text: TEXTS.platform },
  { sql: `status <> ${Status.online}`, text: TEXTS.absent },
]
/** Condition on rows of devices that a restart would reach now. */
export const RESTARTABLE = `NOT (${skips.map(({ sql }) => sql).join(' OR ')})`

const NOW = '/CMD0/mod_cmd.xml?cmd=reset&reset=OK'
const WHEN_IDLE = commandTarget('ireset')
const skipped = (text: string): Outcome => ({ is: 'skipped', text })
const failed = (text: string, again = false): Outcome => ({ is: 'failed', text, again })

export const restartDevices = (deps: RestartDeps): Kind => (raw, viewer) => {
  const { selection, whenIdle } = restartWork.parse(raw)

  /** Why this device gets nothing; looked at when its turn comes, because much may have happened since. */
  function needless(deviceId: number, hwId: string): string | undefined {
    const row = deps.devices.row(deviceId)
    // A task within one domain can be tried again by those who see that domain only.
    if (!row || row.domainId === 0 || !maySee(viewer, row.domainId) || (viewer.domainId !== 0 && row.domainId !== viewer.domainId)) return TEXTS.moved
    if (row.other) return TEXTS.other
    if (isObserved(deps, row.domainId)) return TEXTS.observer
    if (row.type === 'APP_PLATFORM') return TEXTS.platform
    return deps.connected(hwId) ? undefined : TEXTS.absent
  }

  async function tell(hwId: string): Promise<Outcome> {
    const answer = await deps.http.get(hwId, whenIdle ? WHEN_IDLE : NOW)
    const failure = commandFailure(answer)
    if (failure !== undefined) return failed(failure)
    // What a device answers to `ireset` is not known, except when it refuses.
    return whenIdle || /\sreset="true"/.test(answer.body.toString('latin1', 0, 4096)) ? { is: 'done' } : failed(TEXTS.unconfirmed)
  }

  return {
    how: 'exchange', width: LIMITS.restartsAtOnce.value, pauses: PAUSES, patience: LIMITS.restartPatience.value, tooLate: TEXTS.absent, once: TEXTS.interrupted,
    devices: selectionWhere(viewer, selection), skips,
    work: async device => {
      const text = needless(device.deviceId, device.hwId)
      if (text !== undefined) return skipped(text)
      try {
        return await tell(device.hwId)
      } catch (cause) {
        if (!(cause instanceof DeviceHttpError)) throw cause
        if (cause.code === 'gone') return { is: 'done' }
        // No tunnel was free: nothing was sent.
        return failed(cause.message, cause.code === 'busy')
      }
    },
  }
}
