// Prints what failed in a TAP file, with its reasons, and the closing line "N passed, N failed". A skipped test counts
// as failed: it proves nothing.
import fs from 'node:fs'
import { Parser } from 'tap-parser'

const events = Parser.parse(fs.readFileSync(process.argv[2], 'utf8'), { flat: true })
const results = events.filter(([type]) => type === 'assert').map(([, result]) => result)
const failures = results.filter(result => !result.ok || result.skip || result.todo)
for (const { name, diag } of failures) {
  console.log(`\nFAILED: ${name}`)
  if (diag) console.log(JSON.stringify(diag, null, 2).slice(0, 4000))
}
const [, whole] = events.find(([type]) => type === 'complete') ?? []
/** A run that was broken off, or a file that ended without a test, is a failure of its own. */
const failed = failures.length || (whole?.ok ? 0 : 1)
console.log(`${results.length - failures.length} passed, ${failed} failed`)
process.exit(failed === 0 && results.length > 0 ? 0 : 1)
