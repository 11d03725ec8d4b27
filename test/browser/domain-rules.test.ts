/** The rules of domains, rights, secrets and the audit log in the user interface that need no browser. */
import t from 'tap'
import fc from 'fast-check'
import { changesOf } from '../../ui/audit/changes.ts'
import { period, startOfDay } from '../../ui/audit/period.ts'
import { sessionKey } from '../../ui/connection/login.ts'
import { categoryWrong } from '../../ui/domains/category-rules.ts'
import { changedFields, emailList, FIELDS, merge, same, wrongFields, wrongName, type Draft } from '../../ui/domains/domain-form.ts'
import { matrixPart } from '../../ui/domains/matrix-part.ts'
import { provisioningUrl } from '../../ui/domains/registration-url.ts'
import { may, type Right } from '../../ui/session/rights.ts'
import { de } from '../../ui/text/de-domains.ts'
import { en } from '../../ui/text/en-domains.ts'
import type { DomainSettings, Role } from '../../app/protocol/domain-messages.ts'
import type { Domain } from '../../app/protocol/types.ts'

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

const draft = (change: Partial<Draft> = {}): Draft =>
  ({ name: 'a.example', deployAdminPasswords: true, observer: false, access: [2, 3], emails: 'a@b.example', invoiceReference: 'R', password: '', ...change })

t.test('a form and the settings behind it: what only one side changed is kept, what both changed is asked', async t => {
  t.strictSame(changedFields(draft(), draft({ name: ' a.example ', access: [3, 2], emails: 'a@b.example\n' })), [], 'written differently is not changed')
  t.strictSame(changedFields(draft(), draft({ access: [2], password: 'x' })), ['password', 'access'])
  const merged = merge(draft(), draft({ invoiceReference: 'mine', emails: '' }), draft({ invoiceReference: 'theirs', observer: true, emails: '' }))
  t.strictSame([merged.taken, merged.conflicts], [['observer'], ['invoiceReference']], 'the same change on both sides is none')
  t.match(merged.draft, { observer: true, invoiceReference: 'mine', emails: '' })
})

t.test('merging loses nothing, whatever was changed', async t => {
  const any = fc.record({
    name: fc.constantFrom('a', 'b', 'c'), deployAdminPasswords: fc.boolean(), observer: fc.boolean(), access: fc.subarray([2, 3, 4]), emails: fc.constantFrom('', 'a@b.cd', 'x@y.zz'),
    invoiceReference: fc.constantFrom('', 'x', 'y'), password: fc.constantFrom('', 'secret'),
  })
  fc.assert(fc.property(any, any, any, (base, mine, theirs) => {
    const { draft: after, taken, conflicts } = merge(base, mine, theirs)
    for (const field of FIELDS) {
      const [here, there] = [!same(field, base, mine), !same(field, base, theirs)]
      const wanted = here ? mine : there ? theirs : base
      if (!same(field, after, wanted)) throw new Error(`${field} became something else`)
      if (conflicts.includes(field) !== (here && there && !same(field, mine, theirs))) throw new Error(`${field}: asked wrongly`)
      if (taken.includes(field) !== (!here && there)) throw new Error(`${field}: told wrongly`)
    }
  }))
  t.pass()
})

t.test('names of domains and categories, addresses of mails', async t => {
  t.strictSame(['', 'a b', 'a@b', '.a', 'x'.repeat(129), 'Müller-2.example', 'a'].map(wrongName), ['missing', 'letters', 'letters', 'letters', 'long', undefined, undefined])
  t.strictSame(emailList(' a@b.cd, c@d.ef;a@b.cd\n'), ['a@b.cd', 'c@d.ef'])
  t.match(wrongFields(draft({ name: '', emails: 'a@b.cd nobody' })), { name: { why: 'missing' }, emails: { why: 'email', what: 'nobody' } })
  t.match(wrongFields(draft({ emails: Array.from({ length: 21 }, (_, n) => `a${n}@b.cd`).join() })), { emails: { why: 'many' } })
  const others = [{ id: 1, name: 'Wave 1', config: false }]
  t.strictSame(['', 'a,b', 'wave 1', 'Wave 2'].map(name => categoryWrong(name, others)), ['missing', 'comma', 'taken', undefined])
})

t.test('the address of automatic provisioning has all three parameters, readable for devices', async t => {
  t.equal(provisioningUrl('wss://h.example/d/devices/sysclients?domain=d.example', 'd.example', 'a&b+c', 'Front desk'),
    'wss://h.example/d/devices/sysclients?domain=d.example&token=a%26b%2Bc&category=Front%20desk')
})

t.test('the matrix: few domains whole, of hundreds those with rights or those looked for', async t => {
  const some = (count: number): Domain[] => Array.from({ length: count }, (_, n) => ({ id: n + 1, name: `d${n + 1}.example`, hasRentalProducts: false, deployAdminPasswords: true, isInstanceDomain: n === 0, categories: [] }))
  const known = (all: readonly Domain[], access: Record<number, number[]>): Map<number, DomainSettings> => new Map(all.map(({ id, name, isInstanceDomain }) => [id, {
    id, name, isInstanceDomain, deployAdminPasswords: true, observer: false, access: access[id] ?? [], hasPassword: true, hasProvisioningToken: false, emails: [], invoiceReference: '', devices: 0, connected: 0,
  }]))
  const few = some(5)
  t.match(matrixPart(few, known(few, {}), ''), { rows: few, columns: few, grants: 0, hidden: 0 })
  const many = some(300)
  const part = matrixPart(many, known(many, { 7: [9, 200], 8: [9] }), '')
  t.strictSame([part.rows.map(one => one.id), part.columns.map(one => one.id), part.grants, part.hidden], [[7, 8], [9, 200], 3, 296])
  const found = matrixPart(many, known(many, { 7: [9, 200] }), 'd200')
  t.strictSame(found.rows.map(one => one.id), [7, 200], 'who is looked for, and who sees it')
  t.ok(found.columns.some(one => one.id === 200))
  const all = matrixPart(many, known(many, {}), 'example')
  t.ok(all.rows.length <= 100 && all.columns.length <= 40, 'bounded')
})

t.test('the audit log: changes by setting, days in the own time zone', async t => {
  t.strictSame(changesOf('name: a; access: ', 'name: b; access: x y'), [{ setting: 'name', before: 'a', after: 'b' }, { setting: 'access', before: '', after: 'x y' }])
  t.strictSame(changesOf('', 'provisioning category: Office'), [{ setting: 'provisioning category', before: '', after: 'Office' }])
  t.strictSame(changesOf('12 devices', ''), [{ setting: '', before: '12 devices', after: '' }])
  t.strictSame(changesOf('', ''), [])
  t.equal(startOfDay('2026-02-30'), undefined)
  t.equal(startOfDay('2026-03-09'), new Date(2026, 2, 9).getTime())
  t.strictSame(period('2026-03-09', '2026-03-09'), { from: new Date(2026, 2, 9).getTime(), to: new Date(2026, 2, 10).getTime() })
  t.strictSame(period('', 'x'), {})
})

t.test('both catalogues fill the same places', async t => {
  const places = (text: string): string[] => [...new Set(text.match(/\$\d/g) ?? [])].sort()
  for (const [id, text] of Object.entries(en)) {
    const german = de[id as keyof typeof en]
    t.ok(german && text, id)
    t.strictSame(places(german), places(text), id)
  }
})
