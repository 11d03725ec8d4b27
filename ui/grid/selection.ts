/** Which devices are selected: some, or all that match except some. Pure. */
import type { Device } from '../../app/protocol/types.ts'

export type Selection =
  | { readonly kind: 'some', readonly devices: ReadonlyMap<string, Device> }
  | { readonly kind: 'all', readonly except: ReadonlyMap<string, Device> }

export const NOTHING: Selection = { kind: 'some', devices: new Map() }
export const EVERYTHING: Selection = { kind: 'all', except: new Map() }

export const isSelected = (selection: Selection, hwId: string): boolean =>
  selection.kind === 'some' ? selection.devices.has(hwId) : !selection.except.has(hwId)

/** @param total devices that match */
export const selectedCount = (selection: Selection, total: number): number =>
  selection.kind === 'some' ? selection.devices.size : Math.max(0, total - selection.except.size)

/** Selects the devices, or takes them out. */
export function select(selection: Selection, devices: readonly Device[], on: boolean): Selection {
  if (selection.kind === 'some') {
    const chosen = new Map(selection.devices)
    for (const device of devices) {
      if (on) chosen.set(device.hwId, device)
      else chosen.delete(device.hwId)
    }
    return { kind: 'some', devices: chosen }
  }
  const except = new Map(selection.except)
  for (const device of devices) {
    if (on) except.delete(device.hwId)
    else except.set(device.hwId, device)
  }
  return { kind: 'all', except }
}
