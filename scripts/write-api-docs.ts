/** Writes docs/api.md from the message tables and the table of bounds. `--check` fails when the file is not current. */
import fs from 'node:fs'
import { z } from 'zod'
import { LIMITS } from '../app/limits.ts'
import { APP_REQUESTS } from '../app/protocol/app-websocket.ts'
import { CLIENT_APIS, clientFailure, type ClientApi } from '../app/protocol/client-apis.ts'
import type { IndicationEntry, RequestEntry } from '../app/protocol/message.ts'
import { INDICATIONS, REQUESTS, failure } from '../app/protocol/service-api.ts'
import { identify } from '../app/protocol/sysclient-messages.ts'
import { device, domain } from '../app/protocol/types.ts'

interface Schema { type?: string | string[], properties?: Record<string, Schema>, required?: string[], items?: Schema, enum?: unknown[], const?: unknown, anyOf?: Schema[], maxLength?: number, minimum?: number, maximum?: number, maxItems?: number, description?: string, additionalProperties?: Schema | boolean }

const schemaOf = (type: z.ZodType): Schema => z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' }) as Schema
const named = new Map<string, string>([[JSON.stringify(schemaOf(device).properties), 'Device'], [JSON.stringify(schemaOf(domain).properties), 'Domain']])

function typeText(schema: Schema): string {
  const name = schema.properties && named.get(JSON.stringify(schema.properties))
  if (name) return name
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' or ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map(value => `\`${String(value)}\``).join(' ')
  if (schema.type === 'array') return `[${schema.items ? typeText(schema.items) : 'any'}]${schema.maxItems === undefined ? '' : ` (at most ${schema.maxItems})`}`
  if (schema.type === 'object') {
    if (schema.properties && Object.keys(schema.properties).length) return `{${Object.entries(schema.properties).map(([key, value]) => `${key}${schema.required?.includes(key) ? '' : '?'}: ${typeText(value)}`).join(', ')}}`
    return typeof schema.additionalProperties === 'object' && schema.additionalProperties.type ? `{name: ${typeText(schema.additionalProperties)}}` : 'object'
  }
  const bound = schema.maxLength !== undefined ? ` (at most ${schema.maxLength} characters)` : ''
  return `${String(schema.type ?? 'any')}${bound}`
}

function fieldRows(type: z.ZodType): string {
  const schema = schemaOf(type)
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) =>
    `| \`${name}\` | ${typeText(field)} | ${schema.required?.includes(name) ? 'yes' : ''} | ${field.description ?? ''} |`)
  return rows.length ? ['| field | type | required | |', '| --- | --- | --- | --- |', ...rows, ''].join('\n') : 'No fields.\n'
}

const exampleTable = z.record(z.string(), z.object({ request: z.looseObject({}).optional(), answer: z.looseObject({}).optional() }))
type Examples = z.infer<typeof exampleTable>
/** Taken from a test run: test/service/examples.test.ts. */
const examples = exampleTable.parse(JSON.parse(fs.readFileSync('docs/api-examples.json', 'utf8')))
/** By API, from a run with a browser: test/browser/apis.test.ts. */
const clientExamples = z.record(z.string(), exampleTable).parse(JSON.parse(fs.readFileSync('docs/client-api-examples.json', 'utf8')))
/** Long texts and lists are cut. */
const shortened = (value: unknown): string => {
  const line = JSON.stringify(value)
  return line.length > 900 ? `${line.slice(0, 900)} …` : line
}
function exampleText(mt: string, from: Examples): string {
  const example = from[mt]
  if (!example) throw new Error(`no example of ${mt}: run test/service/examples.test.ts and test/browser/apis.test.ts with WRITE_EXAMPLES=1`)
  return `\n\`\`\`\n${[example.request, example.answer].filter(Boolean).map(shortened).join('\n')}\n\`\`\`\n`
}

const requestText = (entry: RequestEntry, from = examples): string =>
  `### ${entry.mt}\n\n${entry.doc} *(${entry.source})*\n\nNeeds: ${entry.needs}.\n\n${fieldRows(entry.params)}\n${entry.result ? `Answer \`${entry.result}\`:\n\n${fieldRows(entry.reply)}` : 'No answer.\n'}${exampleText(entry.mt, from)}`
const indicationText = (entry: IndicationEntry, from = examples): string => `### ${entry.mt}\n\n${entry.doc} *(${entry.source})*\n\n${fieldRows(entry.body)}${exampleText(entry.mt, from)}`

const clientApiText = (id: string, api: ClientApi): string => `## Client API ${id}

${api.doc} Provided by \`${api.app}\`.

${[...Object.values(api.requests).map(entry => requestText(entry, clientExamples[id])), ...Object.values(api.indications).map(entry => indicationText(entry, clientExamples[id]))].join('\n')}`

const text = `# Messages

Generated from the message tables (\`npm run docs\`). Chapters name the protocol documents; "ours" are messages that the public protocol does not define.

Every request may carry \`src\` (text); its answers and the indications of its subscription carry it back. A request that fails is answered with

${fieldRows(failure)}
Something that may not be seen is answered exactly like something that does not exist: \`notFound\`.

The examples are from a test run; secrets in them belong to it alone.

## Login and app messages

${Object.values(APP_REQUESTS).map(entry => requestText(entry)).join('\n')}
## Devices service API

${Object.values(REQUESTS).map(entry => requestText(entry)).join('\n')}
## Indications

${Object.values(INDICATIONS).map(entry => indicationText(entry)).join('\n')}
## Client APIs

Other apps of the client reach these by window messages (wire-protocols 6.4): what follows is the \`msg\` inside ApiRequest and ApiResult; \`src\` stands beside it. Rights are those of the login of the app that provides the API. A request of \`com.innovaphone.devices\` that fails is answered with its result message and

${fieldRows(clientFailure)}
${Object.entries<ClientApi>(CLIENT_APIS).map(([id, api]) => clientApiText(id, api)).join('\n')}
## Objects

### Device

${fieldRows(device)}
### Domain

${fieldRows(domain)}
## Sysclient: Identify

${fieldRows(identify)}
## Bounds

| bound | value | beyond it |
| --- | --- | --- |
${Object.entries(LIMITS).map(([name, { value, unit, beyond }]) => `| ${name} | ${value.toLocaleString('en')} ${unit} | ${beyond} |`).join('\n')}
`.replace(/\n{3,}/g, '\n\n')

const FILE = 'docs/api.md'
if (process.argv.includes('--check')) {
  if (fs.readFileSync(FILE, 'utf8') !== text) {
    console.error(`${FILE} is not current: run npm run docs`)
    process.exit(1)
  }
} else {
  fs.writeFileSync(FILE, text)
  console.log(`${FILE}: ${text.split('\n').length} lines`)
}
