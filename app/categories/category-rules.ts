/** Which categories fit which devices (features 4). */
import { RequestError } from '../errors.ts'
import type { Category, DeviceType } from '../protocol/types.ts'

/** Types that a provisioning category with a phone or analogue phone configuration must not provision. */
const GATEWAYS: readonly DeviceType[] = ['GW', 'VA', 'APP_PLATFORM']
/** Configuration types that make a provisioning category one for phones. */
export const PHONE_CONFIGS = ['PHONE', 'FXS_PHONE'] as const

/**
 * May a provisioning category be given to a device of this type? `phoneOnly`: a phone or analogue phone configuration uses it.
 * Interfaces of gateways (FXS) are analogue phones: ask with `PHONE` for them.
 */
export const mayProvision = (type: DeviceType, phoneOnly: boolean): boolean => !phoneOnly || !GATEWAYS.includes(type)

/** The error for everybody who tries. */
export const notForGateways = (category: string, field: string): RequestError =>
  new RequestError('badRequest', `The category ${JSON.stringify(category)} is used by a phone configuration; it cannot provision a gateway.`, field)

const NAME = /^[^\p{Cc},]+$/u

/** The name as it is kept: without outer blanks, Unicode composed. Codes and filters name categories in comma separated lists. */
export function categoryName(given: string): string {
  const name = given.trim().normalize('NFC')
  if (!NAME.test(name)) throw new RequestError('badRequest', 'A category needs a name without commas and control characters.', 'name')
  return name
}

/** Categories of one domain are told apart by name, so names that differ in case only would be a trap. */
export const sameCategoryName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** The provisioning (or standard) category of that name: exact, as codes and URLs name it. */
export const categoryByName = (categories: readonly Category[], name: string, config: boolean): Category | undefined =>
  categories.find(category => category.config === config && category.name === name.normalize('NFC'))
