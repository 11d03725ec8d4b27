/** What can be administered of a device beside its facts. */
import { stateOf } from '../parts/device-words.tsx'
import type { Device } from '../../app/protocol/types.ts'
import { DeviceInterfaces } from './device-interfaces.tsx'
import { DevicePassword } from './device-password.tsx'

export const DeviceExtras = ({ device }: { device: Device }) => {
  if (stateOf(device) === 'unassigned') return null
  return (
    <div class="extras">
      <DevicePassword key={device.id} device={device} />
      {device.fxs && <DeviceInterfaces key={device.hwId} device={device} />}
    </div>
  )
}
