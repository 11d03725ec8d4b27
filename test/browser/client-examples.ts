/** The examples of the client APIs in docs/api.md, taken from a test run and held against the table of these messages. */
import fs from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { CLIENT_APIS, type ClientApi } from '../../app/protocol/client-apis.ts'

type Msg = Readonly<Record<string, unknown>>
interface Example { readonly request?: Msg | undefined, readonly answer?: Msg | undefined }
const FILE = path.resolve(import.meta.dirname, '../../docs/client-api-examples.json')
const APIS: Readonly<Record<string, ClientApi>> = CLIENT_APIS
/** A body of a device is as long as it likes. */
const LONGEST = 200

const cut = (msg: Msg): Msg => Object.fromEntries(Object.entries(msg).map(([name, value]) => [name, typeof value === 'string' && value.length > LONGEST ? `${value.slice(0, LONGEST)} …` : value]))
const fields = ({ request, answer }: Example): string => JSON.stringify([request, answer].map(msg => msg && Object.keys(msg).sort()))

/** What a message has that the table does not say, or lacks. */
function faults(table: z.ZodType, { mt: _, ...msg }: Msg): string[] {
  const known = table instanceof z.ZodObject ? Object.keys(table.shape) : []
  const { error } = table.safeParse(msg)
  return [...Object.keys(msg).filter(name => !known.includes(name)).map(name => `${name} is not in the table`), ...error ? [z.prettifyError(error)] : []]
}

export class ClientExamples {
  readonly #found = new Map<string, Map<string, Example>>()

  /** A request with all that was answered: the last message is its result, others are indications. */
  note(api: string, request: Msg | undefined, answers: readonly (Msg | undefined)[]): void {
    const all = answers.filter(answer => answer !== undefined)
    const result = request && all.at(-1)
    if (request) this.#put(api, String(request['mt']), { request, ...result ? { answer: cut(result) } : {} })
    for (const answer of request ? all.slice(0, -1) : all) this.#put(api, String(answer['mt']), { answer: cut(answer) })
  }

  #put(api: string, mt: string, example: Example): void {
    const of = this.#found.get(api) ?? new Map<string, Example>()
    // Of several that are found the first is the best one.
    if (!of.has(mt)) this.#found.set(api, of.set(mt, example))
  }

  /** Writes the examples when that is wished; says what is missing, and what is not as in the table or in the written examples. */
  problems(): string[] {
    const sorted = Object.fromEntries(Object.keys(APIS).map(api => [api, Object.fromEntries(this.#found.get(api) ?? [])]))
    if (process.env['WRITE_EXAMPLES']) fs.writeFileSync(FILE, `${JSON.stringify(sorted, null, 1)}\n`)
    const written = z.record(z.string(), z.record(z.string(), z.object({ request: z.looseObject({}).optional(), answer: z.looseObject({}).optional() }))).parse(JSON.parse(fs.readFileSync(FILE, 'utf8')))
    return Object.entries(APIS).flatMap(([id, { requests, indications }]) => {
      const found = this.#found.get(id)
      const known = [...Object.keys(requests), ...Object.keys(indications)]
      const ofTable = known.flatMap(mt => {
        const example = found?.get(mt)
        if (!example) return [`${id} ${mt}: no example`]
        const { request, answer } = example
        const wrong = [...request ? faults(requests[mt]?.params ?? z.never(), request) : [], ...answer ? faults(requests[mt]?.reply ?? indications[mt]?.body ?? z.never(), answer) : []]
        const old = written[id]?.[mt]
        return [...wrong, ...old && fields(old) === fields(example) ? [] : ['another one is written in docs/client-api-examples.json']].map(text => `${id} ${mt}: ${text}`)
      })
      const further = [...found?.keys() ?? [], ...Object.keys(written[id] ?? {})].filter(mt => !known.includes(mt))
      return [...ofTable, ...further.map(mt => `${id} ${mt}: not in the table`)]
    })
  }
}
