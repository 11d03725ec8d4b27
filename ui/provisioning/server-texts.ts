/** Reasons that the service gives in English, in the language of the page. One that is not known is shown as it came. */
import { w, type WordId } from './words.ts'

const KNOWN: Readonly<Record<string, WordId>> = {
  'The device belongs to another domain.': 'why.otherDomain',
  'The provisioning category is used by a phone configuration; it cannot provision a gateway.': 'why.wrongCategory',
  'The provisioning category was deleted.': 'why.noCategory',
  'The device has no such interface to provision.': 'why.noInterface',
  'This device is in the list twice.': 'why.twice',
  'This device cannot be added here.': 'why.cannot',
  'This device is already expected.': 'why.expected',
  'This device is already in a domain.': 'why.inDomain',
  'There is no such provisioning category in this domain.': 'why.unknownCategory',
}
export function serverText(text: string): string {
  const id = KNOWN[text]
  if (id) return w(id)
  const domain = /^The device belongs to the domain (.+)\.$/.exec(text)?.[1]
  return domain === undefined ? text : w('why.ofDomain', domain)
}
