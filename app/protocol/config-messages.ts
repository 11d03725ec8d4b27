/** Device configurations (wire-protocols 3.8): what other apps ask for. There are none yet, and every answer says so. */
import { z } from 'zod'
import { request } from './message.ts'
import { category, flag, id, text } from './types.ts'

export const deviceConfig = z.looseObject({ id, domainId: id, desc: text(256).optional(), type: text(32), categories: z.array(category) })

export const GetDeviceConfigs = request('GetDeviceConfigs', {
  needs: 'read', source: 'wire-protocols 3.8', params: z.object({ domainId: id.optional(), recvUpdates: flag }),
  reply: z.object({ configs: z.array(deviceConfig), last: z.boolean().optional() }),
  doc: 'Configurations of a domain (default: of the login). This release has none: the list is empty, and no DeviceConfigAdded follows.',
})
export const GetDeviceConfig = request('GetDeviceConfig', {
  needs: 'read', source: 'wire-protocols 3.8', params: z.object({ domainId: id.optional(), id }), reply: z.object({ config: deviceConfig }),
  doc: 'One configuration. This release has none: `notFound`.',
})

export const CONFIG_REQUESTS = { GetDeviceConfigs, GetDeviceConfig } as const
