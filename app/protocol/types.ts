/** Field types shared by the message tables, with their bounds. */
import { z } from 'zod'
import { LIMITS } from '../limits.ts'

export const text = (max: number) => z.string().max(max)
/** A boolean; clients of the original leave false ones out, so absent means false (wire-protocols 3.6). */
export const flag = z.boolean().optional()
export const id = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
export const name = text(LIMITS.name.value)
export const hwId = text(LIMITS.hwId.value).min(1)
/** 16 characters of the encryption scheme of the AppWebsocket (wire-protocols 5.6). */
export const seed = text(64).min(1)
/** A secret, encrypted: lower-case hex, two digits a byte. */
export const secretText = z.string().max(4 * LIMITS.secret.value).regex(/^([0-9a-f]{2})*$/, 'Secrets are encrypted with the key of this connection and written in hex.')
/** A list written as a comma separated string: `"10,12"`; an empty string means "not set" (wire-protocols 3.7). */
export const commaList = text(64 * 1024).optional()

export const DEVICE_TYPES = ['GW', 'VA', 'PHONE', 'DECT', 'APP_PLATFORM'] as const
export const deviceType = z.enum(DEVICE_TYPES)
export type DeviceType = z.infer<typeof deviceType>

export const ethIf = z.object({ if: text(32), ipv4: text(64).optional(), ipv6: text(64).optional() })
export type EthIf = z.infer<typeof ethIf>

export const category = z.object({ id, name, config: z.boolean() })
export type Category = z.infer<typeof category>

/** The device object (wire-protocols 3.6). Fields below the line are ours. */
export const device = z.object({
  id, hwId, name: text(LIMITS.identifyText.value).optional(), domainId: id,
  product: text(LIMITS.identifyText.value), version: text(LIMITS.identifyText.value), type: deviceType,
  pbxActive: z.boolean(), online: z.boolean(), hasLeaseLicenses: flag, other: flag, ethIfs: z.array(ethIf).optional(),
  rented: flag, rentalWant: flag, rentalStarted: flag, uri: z.string().optional(),
  // ours
  state: z.enum(['online', 'offline', 'unassigned', 'expected', 'lost']).optional().describe('ours: `expected` = added by MAC, never connected; `lost` = connected but cannot prove its password (add it again)'),
  lastSeen: z.number().optional().describe('ours: ms since 1970 UTC of the last time it came online or went offline'),
  mini: flag, fxs: flag,
  fwBuild: text(64).optional(), bcBuild: text(64).optional(), major: text(64).optional(),
  categories: z.array(category).optional().describe('ours: standard categories'),
  provisioningCategory: category.nullable().optional(),
})
export type Device = z.infer<typeof device>

export const domain = z.object({
  id, name, hasRentalProducts: z.boolean(), deployAdminPasswords: z.boolean(), isInstanceDomain: z.boolean(), categories: z.array(category),
})
export type Domain = z.infer<typeof domain>
