/** The fast reader of messages says what the table says. */
import t, { type Test } from 'tap'
import fc from 'fast-check'
import { z } from 'zod'
import { checker, REFUSED } from '../../app/protocol/checker.ts'
import { identify, provision } from '../../app/protocol/sysclient-messages.ts'
import { DEVICE_TYPES, ethIf } from '../../app/protocol/types.ts'

/** As JSON has it: fields that are undefined are not there. */
const told = (value: unknown): unknown => JSON.parse(JSON.stringify({ value }))

function same(t: Test, schema: z.ZodType, value: unknown): void {
  const parsed = schema.safeParse(value)
  const read = checker(schema)(value)
  t.equal(read !== REFUSED, parsed.success, `${JSON.stringify(value)} is ${parsed.success ? 'taken' : 'refused'}`)
  if (parsed.success && read !== REFUSED) t.same(told(read), told(parsed.data))
}

const anything = fc.oneof(fc.json().map(text => JSON.parse(text) as unknown), fc.constantFrom(undefined, null, true, 7, '', 'x'.repeat(65), 'x'.repeat(257), [], {}))
const text = fc.oneof({ weight: 8, arbitrary: fc.string({ maxLength: 40 }) }, { weight: 1, arbitrary: fc.string({ minLength: 60, maxLength: 260 }) })
const odd = <T>(usual: fc.Arbitrary<T>): fc.Arbitrary<unknown> => fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: anything })
const oddEthIf = odd(fc.record({ if: odd(text), ipv4: odd(text), ipv6: odd(text) }, { requiredKeys: ['if'] }))
const flag = odd(fc.boolean())
const build = odd(fc.oneof(text, fc.integer()))
const identifies = fc.record({
  id: odd(text), product: odd(text), version: odd(text),
  platform: odd(fc.record({ type: odd(fc.constantFrom(...DEVICE_TYPES)), fxs: flag }, { requiredKeys: ['type'] })),
  name: odd(text), fwBuild: build, bcBuild: build, major: odd(text), fw: odd(text), bc: odd(text), provisioningCode: odd(text), digest: odd(text),
  mini: flag, pbxActive: flag, other: flag, webserverRootPage: odd(text), ethIfs: odd(fc.array(oddEthIf, { maxLength: 10 })), unknown: anything,
}, { requiredKeys: ['id', 'product', 'version', 'platform'] })

t.test('identify: the same answer as the schema, whatever comes', async t => {
  let taken = 0
  fc.assert(fc.property(identifies, value => {
    if (checker(identify)(value) !== REFUSED) taken++
    same(t, identify, value)
    return t.passing()
  }), { numRuns: 2_000 })
  t.ok(taken > 200, 'many of them are right')
  fc.assert(fc.property(anything, value => { same(t, identify, value); return t.passing() }), { numRuns: 500 })
})

t.test('other entries', async t => {
  fc.assert(fc.property(odd(fc.record({ id: odd(text), code: odd(text) })), value => { same(t, provision, value); return t.passing() }))
  fc.assert(fc.property(oddEthIf, value => { same(t, ethIf, value); return t.passing() }))
})

t.test('what it does not know is left to the schema', async t => {
  const strange: readonly z.ZodType[] = [
    z.number().int(), z.string().regex(/^a/), z.email(), z.coerce.string(), z.string().trim(), z.object({ a: z.string() }).strict(), z.looseObject({ a: z.string() }),
    z.object({ a: z.string() }).refine(value => value.a !== 'no'), z.string().default('d'), z.array(z.string()), z.string().nullable(),
    z.string().transform((value, context) => { if (value === 'no') context.addIssue('not that'); return value.length }),
    z.object({ a: z.string().catch('c'), b: z.string().optional().catch('b'), c: z.boolean().refine(value => value) }),
  ]
  const values = [undefined, null, 0, 1.5, '', 'a', 'no', ' a ', 'a@b.de', [], ['a'], [1], {}, { a: 'a' }, { a: 'no' }, { a: 1, b: 2, c: true }, { a: 'a', x: 1 }, { c: false }]
  for (const schema of strange) for (const value of values) same(t, schema, value)
})
