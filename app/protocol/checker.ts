/**
 * A fast reader made of a table entry. Zod reports every fault with its path and pays for that with objects per field, also
 * where there is no fault; a fleet that comes back sends two messages per device, nearly all of them right. So the schema is
 * walked once and gives a function without such objects. What it refuses is told in words by the schema itself, and what it
 * does not know it leaves to the schema: the rules stay those of the table (a property test compares both).
 */
import { z } from 'zod'

/** The answer to a value that the schema refuses. */
export const REFUSED = Symbol('refused')

type Check = (value: unknown) => unknown

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

const made = new WeakMap<z.core.$ZodType, Check>()

/** Reads a value as `schema.parse` would, or answers `REFUSED`. Fields that are undefined are left out of objects. */
export function checker<T>(schema: z.ZodType<T>): (value: unknown) => T | typeof REFUSED {
  let check = made.get(schema)
  if (!check) made.set(schema, check = compile(schema))
  return check as (value: unknown) => T | typeof REFUSED
}

function compile(schema: z.core.$ZodType): Check {
  if (schema instanceof z.ZodObject) return ofObject(schema) ?? bySchema(schema)
  if (schema instanceof z.ZodString) return ofString(schema) ?? bySchema(schema)
  if (schema instanceof z.ZodBoolean && plain(schema)) return value => typeof value === 'boolean' ? value : REFUSED
  if (schema instanceof z.ZodEnum && plain(schema)) {
    const values = new Set<unknown>(schema.options)
    return value => values.has(value) ? value : REFUSED
  }
  if (schema instanceof z.ZodOptional && plain(schema)) {
    const inner = compile(schema.def.innerType)
    return value => value === undefined ? undefined : inner(value)
  }
  if (schema instanceof z.ZodArray && plain(schema) && schema.def.element instanceof z.ZodUnknown) return value => Array.isArray(value) ? value : REFUSED
  if (schema instanceof z.ZodPipe && plain(schema) && schema.def.out instanceof z.ZodTransform) return ofTransform(schema.def.in, schema.def.out) ?? bySchema(schema)
  return bySchema(schema)
}

const plain = (schema: z.core.$ZodType): boolean => (schema._zod.def.checks ?? []).length === 0

/** For what is rare or not known here. */
const bySchema = (schema: z.core.$ZodType): Check => value => {
  const parsed = z.core.safeParse(schema, value)
  return parsed.success ? parsed.data : REFUSED
}

/** Strings with nothing but bounds of their length. */
function ofString(schema: z.ZodString): Check | undefined {
  let least = 0
  let most = Infinity
  if ('format' in schema.def || schema.def.coerce) return undefined
  for (const check of schema.def.checks ?? []) {
    if (check instanceof z.core.$ZodCheckMaxLength) most = Math.min(most, check._zod.def.maximum)
    else if (check instanceof z.core.$ZodCheckMinLength) least = Math.max(least, check._zod.def.minimum)
    else return undefined
  }
  return value => typeof value === 'string' && value.length <= most && value.length >= least ? value : REFUSED
}

/** Objects whose unknown fields are dropped. */
function ofObject(schema: z.ZodObject): Check | undefined {
  if (schema.def.catchall || !plain(schema)) return undefined
  const names = Object.keys(schema.shape)
  const checks = names.map(name => ofField(schema.shape[name] as z.core.$ZodType))
  return value => {
    if (!isRecord(value)) return REFUSED
    const out: Record<string, unknown> = {}
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string
      const field = (checks[i] as Check)(value[name])
      if (field === REFUSED) return REFUSED
      if (field !== undefined) out[name] = field
    }
    return out
  }
}

/** A transformation that can refuse nothing: it looks at the value alone. */
function ofTransform(from: z.core.$ZodType, { def: { transform } }: z.ZodTransform): Check | undefined {
  if (transform.length > 1) return undefined
  const before = ofField(from)
  return value => {
    const read = before(value)
    return read === REFUSED ? REFUSED : transform(read, { value: read, issues: [] } as never)
  }
}

/** A field that is `undefined` whatever is wrong with it (`.catch(undefined)`), or any other. */
function ofField(schema: z.core.$ZodType): Check {
  if (!(schema instanceof z.ZodCatch) || !plain(schema) || !(schema.def.innerType instanceof z.ZodOptional)) return compile(schema)
  const inner = compile(schema.def.innerType)
  const whole = bySchema(schema)
  return value => {
    const read = inner(value)
    return read === REFUSED ? whole(value) : read
  }
}
