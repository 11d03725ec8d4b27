/** What a category may be called. Pure. */
import type { Category } from '../../app/protocol/types.ts'

const LENGTH = 128
/** Lists of names are written with commas (wire-protocols 3.7), so a name has none. Names are unique in a domain, without regard to case. */
export function categoryWrong(name: string, others: readonly Category[]): 'missing' | 'long' | 'comma' | 'taken' | undefined {
  if (!name) return 'missing'
  if (name.length > LENGTH) return 'long'
  if (name.includes(',')) return 'comma'
  return others.some(other => other.name.toLowerCase() === name.toLowerCase()) ? 'taken' : undefined
}
