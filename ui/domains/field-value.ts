/** Values of a domain's settings in words. */
import { domainName } from '../session/session.ts'
import { emailList, type Draft, type Field } from './domain-form.ts'
import { w } from './words.ts'

export function fieldValue(field: Field, draft: Draft): string {
  switch (field) {
    case 'deployAdminPasswords': case 'observer': return w(draft[field] ? 'value.yes' : 'value.no')
    case 'access': return draft.access.map(id => domainName(id)).filter(Boolean).join(', ') || w('value.nobody')
    case 'emails': return emailList(draft.emails).join(', ') || w('value.empty')
    case 'password': return draft.password ? '•••' : w('value.empty')
    default: return draft[field].trim() || w('value.empty')
  }
}
