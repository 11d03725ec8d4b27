/** Provisioning codes and automatic provisioning as rules: what is given out, and whom it lets in (features 5.1, 5.4, 5.5). */
import { mayProvision } from '../categories/category-rules.ts'
import type { DeviceType } from '../protocol/types.ts'

/** Decimal digits, as all published examples have (wire-protocols 2.12). */
export const CODE_LENGTH = 12
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** How long a code is good, in ms (features 5.1). */
export const validFor = (rollout: boolean): number => rollout ? 7 * DAY : 15 * MINUTE
/** Codes that are over stay in the list this long, in ms. */
export const KEPT = 30 * DAY

/** A code as it was typed: the `#` that ends it on keypads (features 5.1) and blanks or dashes between groups do not count. */
export const typedCode = (text: string): string => text.replace(/[\s-]/g, '').replace(/#$/, '')

export const REFUSALS = {
  unknownCode: 'unknown code',
  usedCode: 'the code has been used',
  expiredCode: 'the code has expired',
  tooMany: 'too many wrong attempts from this address',
  otherDomain: 'the device belongs to another domain',
  noCategory: 'the provisioning category is gone',
  wrongCategory: 'the provisioning category is for phones, the device is a gateway',
  noInterface: 'the device has no such interface to provision',
  missingParameter: 'domain, token and category are all needed',
  unknownDomain: 'unknown domain',
  off: 'automatic provisioning is off in this domain',
  wrongToken: 'wrong token',
  unknownCategory: 'no provisioning category of that name in this domain',
  wrongDigest: 'a known device answered the challenge wrongly',
} as const
export type Refusal = keyof typeof REFUSALS

export interface StoredCode {
  readonly code: string
  readonly domainId: number
  readonly categoryId: number | null
  /** Name of the category; null when it was deleted. */
  readonly category: string | null
  readonly sip: string
  readonly administrative: number
  readonly rollout: number
  readonly createdAt: number
  readonly createdBy: string
  readonly validUntil: number
  readonly usedAt: number | null
  readonly deviceId: number | null
  readonly hwId: string
  readonly interface: string
  /** Why a device was refused last: a `Refusal`; empty: none was. */
  readonly error: string
}

export type CodeState = 'open' | 'used' | 'expired' | 'refused'
/** `refused`: still open, but a device that brought it was not let in. */
export function stateOf(code: Pick<StoredCode, 'usedAt' | 'validUntil' | 'error'>, now: number): CodeState {
  if (code.usedAt !== null) return 'used'
  if (code.validUntil <= now) return 'expired'
  return code.error ? 'refused' : 'open'
}

/** Is the code itself good? */
export function judgeCode(code: StoredCode | undefined, now: number): Refusal | undefined {
  if (!code) return 'unknownCode'
  const state = stateOf(code, now)
  if (state === 'used') return 'usedCode'
  if (state === 'expired') return 'expiredCode'
  return undefined
}

/** A device and the category it would get. `domainId` 0: it belongs to none. */
export interface Entering { readonly deviceDomainId: number, readonly type: DeviceType, readonly domainId: number, readonly hasCategory: boolean, readonly phoneOnly: boolean }

/** May this device enter the domain with this category? The same for codes and for automatic provisioning (features 5.5). */
export function judgeDevice({ deviceDomainId, type, domainId, hasCategory, phoneOnly }: Entering): Refusal | undefined {
  if (deviceDomainId !== 0 && deviceDomainId !== domainId) return 'otherDomain'
  if (!hasCategory) return 'noCategory'
  return mayProvision(type, phoneOnly) ? undefined : 'wrongCategory'
}

/** May an interface of this connected device be provisioned? Analogue phones are phones: any provisioning category fits (features 3.6). */
export function judgeInterface(device: { domainId: number, fxs: boolean }, domainId: number, hasCategory: boolean, name: string): Refusal | undefined {
  if (device.domainId !== domainId) return 'otherDomain'
  if (!hasCategory) return 'noCategory'
  return device.fxs && /^[\x21-\x7e]{1,32}$/.test(name) ? undefined : 'noInterface'
}

export interface AutomaticParameters { readonly domain: string, readonly token: string, readonly category: string }

/** Parameters of a registration URL; undefined when it carries none of them. Missing ones are empty (features 5.4). */
export function automaticParameters(query: string): AutomaticParameters | undefined {
  if (query === '') return undefined
  const given = new URLSearchParams(query)
  const parameters = { domain: given.get('domain') ?? '', token: given.get('token') ?? '', category: given.get('category') ?? '' }
  return parameters.domain || parameters.token || parameters.category ? parameters : undefined
}
