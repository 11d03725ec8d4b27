/** Answers about provisioning: categories, codes, many devices at once, interfaces of gateways (wire-protocols 3.5, 3.9). */
import type { AuditLog } from '../audit/audit-log.ts'
import type { DeviceCategories } from '../categories/device-categories.ts'
import { mayProvision } from '../categories/category-rules.ts'
import type { DeviceLists } from '../devices/device-lists.ts'
import { typeOf } from '../provisioning/assignment.ts'
import type { Domains } from '../domains/domains.ts'
import { maySee } from '../domains/viewer.ts'
import { RequestError } from '../errors.ts'
import type { AddDevices } from '../provisioning/add-devices.ts'
import type { Codes } from '../provisioning/codes.ts'
import type { Listener } from '../provisioning/code-watchers.ts'
import type { Interfaces } from '../provisioning/interfaces.ts'
import type { PROVISIONING_REQUESTS } from '../protocol/provisioning-messages.ts'
import { DEVICE_TYPES } from '../protocol/types.ts'
import type { Store } from '../store/store.ts'
import type { ApiContext, HandlersOf } from './handler.ts'
import { inParts } from './parts.ts'

export interface ProvisioningHandlerDeps {
  readonly store: Store
  readonly domains: Domains
  readonly lists: DeviceLists
  readonly audit: AuditLog
  readonly codes: Codes
  readonly ofDevices: DeviceCategories
  readonly interfaces: Interfaces
  readonly addDevices: AddDevices
}

const listener = ({ session, subscriptions, src }: ApiContext): Listener => ({ session, indicate: subscriptions.indicate, src })

/** An answer in parts. */
function * parted<Name extends string, T>(name: Name, all: T[]): Generator<Record<Name, T[]> & { last: boolean }> {
  for (const { items, last } of inParts([all])) yield { [name]: items, last } as Record<Name, T[]> & { last: boolean }
}

export function provisioningHandlers(deps: ProvisioningHandlerDeps): HandlersOf<typeof PROVISIONING_REQUESTS> {
  const { domains, lists, codes, interfaces } = deps
  return {
    GetProvisioningCategories: (params, { session: { viewer } }) => {
      const domainId = params.domainId ?? viewer.domainId
      const domain = maySee(viewer, domainId) ? domains.get(domainId) : undefined
      if (!domain) throw new RequestError('notFound', 'There is no such domain.', 'domainId')
      const phoneOnly = deps.ofDevices.phoneOnlyIn(domainId)
      const type = DEVICE_TYPES.find(known => known === params.type)
      // A domain without any phone configuration would have no category for phones, and apps could not provision one.
      const fits = (id: number): boolean => type === 'PHONE' ? phoneOnly.size === 0 || phoneOnly.has(id) : type === undefined || mayProvision(typeOf(type), phoneOnly.has(id))
      return parted('categories', domain.categories.filter(category => category.config && fits(category.id)).map(category => ({ ...category, domainId })))
    },

    GetProvisioningCode: async (params, context) => {
      const [made] = await codes.make(context.session.viewer, params, [params.sip ?? ''])
      if (!made) throw new RequestError('failed', 'The code could not be made.')
      codes.watchers.watchCode(listener(context), made.code)
      return { code: made.code, validUntil: made.validUntil, url: codes.url() }
    },

    GetProvisionedDevice: (params, context) => {
      const code = codes.find(context.session.viewer, params.code, params.domainId)
      const device = codes.deviceOf(context.session.viewer, code)
      if (!device && !codes.isOpen(code)) throw new RequestError('notFound', 'This provisioning code has expired.', 'code')
      if (!device) codes.watchers.watchCode(listener(context), code.code)
      return { code: code.code, ...(device ? { device } : {}) }
    },

    GetProvisioningCodes: function * (params, context) {
      const list = codes.list(context.session.viewer, params.domainId)
      if (params.recvUpdates) codes.watchers.watchList(listener(context), params.domainId)
      for (const { items, last } of inParts(list)) yield { codes: items, last }
    },

    AddProvisioningCodes: async (params, context) => {
      const { viewer } = context.session
      const made = await codes.make(viewer, params, params.sips)
      for (const { code } of made) codes.watchers.watchCode(listener(context), code)
      return parted('codes', made.map(code => codes.toWire(viewer, code)))
    },

    DeleteProvisioningCode: async (params, { session }) => {
      await codes.remove(session.viewer, params.code)
      return {}
    },

    AddDevices: async (params, { session }) => parted('results', await deps.addDevices.add(session.viewer, params)),

    GetDevicePhones: (params, { session }) => ({ phones: interfaces.names(lists.one(session.viewer, { hwId: params.hwId }).id) }),

    RemoveDevicePhone: async (params, { session: { viewer } }) => {
      const device = lists.one(viewer, { hwId: params.hwId })
      deps.store.write(() => {
        if (!interfaces.remove(device.id, params.id)) throw new RequestError('notFound', 'This interface is not provisioned.', 'id')
        deps.audit.record(viewer, { domainId: device.domainId, action: 'interface.removed', subject: `${device.hwId} ${params.id}` })
      })
      await deps.store.committed()
      return {}
    },
  }
}
