// The native addons, checked against their pinned SHA-256.
import crypto from 'node:crypto'
import fs from 'node:fs'
import { lowerGlibc } from './elf-glibc-compat.mjs'

const pins = JSON.parse(fs.readFileSync(new URL('native-pins.json', import.meta.url), 'utf8'))

function pinned(file) {
  const data = fs.readFileSync(`node_modules/${file}`)
  const hash = crypto.createHash('sha256').update(data).digest('hex')
  if (pins[file] !== hash) throw new Error(`${file}: sha256 ${hash} is not the pinned one (scripts/native-pins.json)`)
  return data
}

/** @returns {[name: string, data: Buffer][]} */
export const pinnedNatives = arch => [
  ['uws.node', lowerGlibc(pinned(`uWebSockets.js/uws_linux_${arch}_137.node`)).out],
  ['better_sqlite3.node', pinned(`better-sqlite3/prebuilds/linux-${arch}.node`)],
]
