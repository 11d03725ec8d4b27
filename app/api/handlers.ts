/** Answers of the Devices service API: one function per request of the table. Rights are already in the viewer each of them gets. */
import type { Params, Reply, RequestEntry } from '../protocol/message.ts'
import type { Requests } from '../protocol/service-api.ts'
import type { Device, Domain } from '../protocol/types.ts'
import type { Domains } from '../domains/domains.ts'
import type { DeviceCommands } from '../devices/device-commands.ts'
import type { DeviceLists } from '../devices/device-lists.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import { commaNames, publicWhere, type Where } from '../devices/device-query.ts'
import { hwKey } from '../devices/device-store.ts'
import { visible } from '../domains/viewer.ts'
import { RequestError } from '../errors.ts'
import { Status } from '../store/schema.ts'
import type { Session } from '../appwebsocket/sessions.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { PreferenceStore } from './preference-store.ts'
import { inParts } from './parts.ts'

export interface ApiDeps {
  readonly domains: Domains
  readonly devices: DeviceStore
  readonly lists: DeviceLists
  readonly commands: DeviceCommands
  readonly preferences: PreferenceStore
  /** Release name as clients expect it, such as `13r3`. */
  readonly major: string
  /** `wss://…/sysclients` as devices must enter it. */
  readonly registrationUrl: () => string
  /** Path of the instance: `/<domain>/devices`. */
  readonly webPath: string
}

/** What a handler knows of its connection. */
export interface ApiContext {
  readonly session: Session
  readonly subscriptions: Subscriptions
  /** The request's `src`, carried by the indications of a subscription. */
  readonly src: string | undefined
}

/** One answer, or several parts of it (`last` is in the parts). */
type Answer<E> = Reply<E> | Promise<Reply<E>> | Generator<Reply<E>>
type Handler<E> = E extends RequestEntry ? (params: Params<E>, context: ApiContext) => Answer<E> : never
export type Handlers = { readonly [Name in keyof Requests]: Handler<Requests[Name]> }

/** Rows read per part: about 300 characters each stay far below the longest message. */
const PART_ROWS = 100

export function createHandlers(deps: ApiDeps): Handlers {
  const { domains, devices, lists, commands, preferences } = deps

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

  const userInfo = (_: unknown, { session }: ApiContext): { key: string, admin: boolean, major: string } =>
    ({ key: session.key, admin: session.viewer.admin, major: deps.major })

  return {
    GetUserInfo: userInfo,
    GetLoginInfo: userInfo,

    GetDomains: function * (params, { session, subscriptions, src }) {
      if (params.recvUpdates) subscriptions.watchDomains(src)
      const all: Domain[] = domains.list(session.viewer).map(entry => domains.toWire(entry))
      for (const { items, last } of inParts([all])) yield { domains: items, last }
    },

    GetDevices: function * (params, { session, subscriptions, src }) {
      const where = publicWhere(session.viewer, params)
      subscriptions.watchDevices(params.recvUpdates ? where : undefined, src)
      yield * deviceParts(where)
    },

    GetFilteredDevices: function * (params, { session }) {
      const domainId = params.domainId ?? session.viewer.domainId
      const hwIds = commaNames(params.hwIds)?.map(hwKey)
      const conditions = ['domain_id = ?', 'domain_id <> 0', visible(session.viewer, 'domain_id')]
      const values: (string | number)[] = [domainId]
      if (params.justFxs) conditions.push('fxs = 1')
      if (params.types?.length) { conditions.push(`type IN (${params.types.map(() => '?').join(',')})`); values.push(...params.types) }
      if (hwIds) { conditions.push(`hw_id IN (${hwIds.map(() => '?').join(',')})`); values.push(...hwIds) }
      yield * deviceParts({ sql: conditions.join(' AND '), values })
    },

    GetUnassignedDevicesCount: (_, { session }) => ({ count: devices.counters.of(session.viewer).unassigned }),
    SetDeviceFiler: () => ({}),
    SetDeviceFilter: () => ({}),

    GetDevicesPage: (params, { session, subscriptions, src }) => {
      const { rows, total } = lists.page(session.viewer, params)
      if (params.recvUpdates) subscriptions.watchPage(rows.map(row => row.id), src)
      return { devices: lists.toDevices(rows, true), offset: params.offset, total, counts: devices.counters.of(session.viewer) }
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

    GetRegistrationUrl: () => ({ url: deps.registrationUrl() }),

    GetPreferences: (_, { session }) => ({ preferences: preferences.get(session.viewer) }),
    SetPreferences: (params, { session }) => {
      preferences.set(session.viewer, params.preferences)
      return {}
    },
  }
}
