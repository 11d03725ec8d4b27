/** Which administrative password a device gets (features 2.3). */
import type { DeviceType } from '../protocol/types.ts'

export type AddedHow = 'manual' | 'code' | 'administrative-code' | 'automatic' | 'users'

/**
 * Phones added by hand, automatically or through Users get a random password; other types added by hand, and codes made with
 * `administrative`, the domain's.
 */
export function adminPasswordKind(how: AddedHow, type: DeviceType): 'domain' | 'random' {
  if (how === 'administrative-code') return 'domain'
  if (how === 'manual') return type === 'PHONE' ? 'random' : 'domain'
  return 'random'
}
