// Prints the closing line "N passed, N failed" of a TAP file. A skipped test counts as failed: it proves nothing.
import fs from 'node:fs'

const totals = /^# \{ total: .*\}$/m.exec(fs.readFileSync(process.argv[2], 'utf8'))?.[0] ?? ''
const count = name => Number(new RegExp(`\\b${name}: (\\d+)`).exec(totals)?.[1] ?? 0)
const failed = count('fail') + count('skip') + count('todo') + (totals ? 0 : 1)
console.log(`${count('pass')} passed, ${failed} failed`)
process.exit(failed === 0 && count('pass') > 0 ? 0 : 1)
