/** Answers about devices. */
import type { Requests } from '../protocol/service-api.ts'
import type { Device } from '../protocol/types.ts'
import type { DeviceCommands } from '../devices/device-commands.ts'
import type { DeviceLists } from '../devices/device-lists.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import { commaNames, publicWhere, type Where } from '../devices/device-query.ts'
import { hwKey } from '../devices/device-store.ts'
import { visible } from '../domains/viewer.ts'
import { RequestError } from '../errors.ts'
import { Status } from '../store/schema.ts'
import type { HandlersOf } from './handler.ts'
import { firstThatFit, inParts } from './parts.ts'

export interface DeviceHandlerDeps {
  readonly devices: DeviceStore
  readonly lists: DeviceLists
  readonly commands: DeviceCommands
  /** Path of the instance: `/<domain>/devices`. */
  readonly webPath: string
}

export type DeviceRequests = Pick<Requests, 'GetDevices' | 'GetFilteredDevices' | 'GetUnassignedDevicesCount' | 'SetDeviceFiler' | 'SetDeviceFilter'
  | 'GetDevicesPage' | 'GetDevice' | 'AddDevice' | 'EditDevice' | 'DeleteDevice' | 'OpenTunnel' | 'CloseTunnel'>

/** Rows read per part: about 300 characters each stay far below the longest message. */
const PART_ROWS = 100

export function deviceHandlers(deps: DeviceHandlerDeps): HandlersOf<DeviceRequests> {
  const { devices, lists, commands } = deps

  function * rowsOf(where: Where): Generator<Device[]> {
    for (let after = 0; ;) {
      const rows = lists.part(where, after, PART_ROWS)
      if (rows.length) yield lists.toDevices(rows, false)
      const lastRow = rows.at(-1)
      if (rows.length < PART_ROWS || !lastRow) return
      after = lastRow.id
    }
  }
  function * deviceParts(where: Where): Generator<{ devices: Device[], last: boolean }> {
    for (const { items, last } of inParts(rowsOf(where))) yield { devices: items, last }
  }

  return {
    GetDevices: function * (params, { session, subscriptions, src }) {
      subscriptions.watchDevices(params.recvUpdates ? () => publicWhere(session.viewer, params) : undefined, src, Boolean(params.categories || params.subcategories))
      yield * deviceParts(publicWhere(session.viewer, params))
    },

    GetFilteredDevices: function * (params, { session }) {
      const domainId = params.domainId ?? session.viewer.domainId
      const hwIds = commaNames(params.hwIds)?.map(hwKey)
      const conditions = ['domain_id = ?', 'domain_id <> 0', visible(session.viewer, 'domain_id')]
      const values: (string | number)[] = [domainId]
      if (params.justFxs) conditions.push('fxs = 1')
      if (params.types?.length) { conditions.push(`type IN (${params.types.map(() => '?').join(',')})`); values.push(...params.types) }
      if (hwIds) { conditions.push('hw_id IN (SELECT value FROM json_each(?))'); values.push(JSON.stringify(hwIds)) }
      yield * deviceParts({ sql: conditions.join(' AND '), values })
    },

    GetUnassignedDevicesCount: (_, { session }) => ({ count: devices.counters.of(session.viewer).unassigned }),
    SetDeviceFiler: () => ({}),
    SetDeviceFilter: () => ({}),

    GetDevicesPage: (params, { session, subscriptions, src }) => {
      const { rows, total } = lists.page(session.viewer, params)
      if (params.recvUpdates) subscriptions.watchPage(rows.map(row => row.id), src)
      return { devices: firstThatFit(lists.toDevices(rows, true)), offset: params.offset, total, counts: devices.counters.of(session.viewer) }
    },

    GetDevice: (params, { session }) => {
      if (params.id === undefined && params.hwId === undefined) throw new RequestError('badRequest', 'Give id or hwId.', 'id')
      const [device] = lists.toDevices([lists.one(session.viewer, params)], true)
      if (!device) throw new RequestError('notFound', 'There is no such device.')
      return { device }
    },

    AddDevice: async (params, { session }) => {
      const row = await commands.add(session.viewer, params)
      const [device] = lists.toDevices([row], true)
      if (!device) throw new RequestError('failed', 'The device was removed meanwhile.')
      return { id: row.id, device }
    },

    EditDevice: async (params, { session }) => {
      const [device] = lists.toDevices([await commands.edit(session.viewer, params)], true)
      if (!device) throw new RequestError('failed', 'The device was removed meanwhile.')
      return { device }
    },

    DeleteDevice: async (params, { session }) => {
      await commands.remove(session.viewer, params.id)
      return {}
    },

    OpenTunnel: (params, { session }) => {
      const row = lists.one(session.viewer, { hwId: params.hwId })
      if (row.status !== Status.online) throw new RequestError('offline', 'The device is not connected.')
      const key = session.deviceKey(row.hwId)
      return { key, uri: `${deps.webPath}/passthrough/${encodeURIComponent(row.hwId)}/${key}/` }
    },

    CloseTunnel: (params, { session }) => {
      session.endDevice(params.hwId)
      return {}
    },
  }
}
