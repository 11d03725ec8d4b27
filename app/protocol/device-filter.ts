/** Which devices: shared by the page of devices and by everything that acts on "all that match". */
import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { deviceType, id, text } from './types.ts'

export const DEVICE_STATES = ['online', 'offline', 'unassigned', 'expected', 'lost'] as const
export const deviceFilter = {
  search: text(LIMITS.search.value).optional().describe('words, all must match: name, MAC in any notation, product, type, IPv4 or IPv6'),
  domainIds: z.array(id).max(LIMITS.domains.value).optional(),
  categoryIds: z.array(id).max(100).optional().describe('devices with any of these categories, standard or provisioning'),
  types: z.array(deviceType).max(16).optional(),
  states: z.array(z.enum(DEVICE_STATES)).max(8).optional(),
  product: text(64).optional(),
  version: text(LIMITS.identifyText.value).optional().describe('exact text; the version is not part of `search`'),
}
