// The user interface: bundles ui/ and names the result by its content. The build number is a hex string, because
// CheckBuild and the redirect of App Services recognise it so (wire-protocols 5.8, 6.1).
import * as esbuild from 'esbuild'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

/** Files served as they are, beside the bundles. */
const STATIC_FOLDERS = ['ui/static', 'ui/fonts']

/** @returns {Promise<{ build: string, files: Map<string, Buffer> }>} files are named `ui/<name>` flattened as `ui_<name>` */
export async function bundleUi() {
  const files = new Map()
  if (fs.existsSync('ui/main.tsx')) {
    const result = await esbuild.build({
      entryPoints: ['ui/main.tsx', 'ui/api-app.ts', 'ui/app.css'].filter(file => fs.existsSync(file)), outdir: 'out', bundle: true, minify: true, write: false, format: 'esm',
      target: 'es2022', jsx: 'automatic', jsxImportSource: 'preact', external: ['*.woff2'], legalComments: 'none',
    })
    for (const file of result.outputFiles) files.set(`ui_${path.basename(file.path)}`, Buffer.from(file.contents))
  }
  for (const folder of STATIC_FOLDERS) {
    if (!fs.existsSync(folder)) continue
    for (const name of fs.readdirSync(folder)) files.set(`ui_${name}`, fs.readFileSync(path.join(folder, name)))
  }
  const hash = crypto.createHash('sha256')
  for (const [name, data] of [...files].sort(([a], [b]) => a < b ? -1 : 1)) hash.update(name).update(data)
  return { build: hash.digest('hex').slice(0, 10), files }
}
