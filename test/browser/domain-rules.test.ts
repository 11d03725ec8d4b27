/** The rules of domains, rights and secrets in the user interface that need no browser. */
import t from 'tap'
import { sessionKey } from '../../ui/connection/login.ts'
import { may, type Right } from '../../ui/session/rights.ts'
import type { Role } from '../../app/protocol/domain-messages.ts'

t.test('the session key of secrets is that of the documents', async t => {
  t.equal(sessionKey('0123456789abcdef', 'pwd'), 'd58c77eae0c1c1f37a9f545e207643c926ad9ea4932016a83a4a01029de37760')
})

t.test('what each role may do', async t => {
  const allowed = (role: Role, admin: boolean): Right[] => (['operate', 'manage', 'admin'] as const).filter(right => may(right, { role, admin, domainId: 1, who: 'x' }))
  t.strictSame(allowed('read', true), [])
  t.strictSame(allowed('operate', true), ['operate'])
  t.strictSame(allowed('full', false), ['operate', 'manage'])
  t.strictSame(allowed('full', true), ['operate', 'manage', 'admin'])
})
