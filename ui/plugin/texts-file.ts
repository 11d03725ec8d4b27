/**
 * The language file of the plugin: the PBX Manager reads `pluginTitle` from it (wire-protocols 7.1). Inferred: the object has the name
 * of the file, which older and newer versions write differently.
 */
import { CATALOGUE } from './text/catalogue.ts'
import { namespace } from './namespace.ts'

for (const root of ['innovaphone', 'plugin']) {
  const target = root === 'plugin' ? namespace('plugin', 'innovaphone') : namespace('innovaphone')
  for (const name of ['devicesmanagertexts', 'devicesmanagerTexts']) Reflect.set(target, name, CATALOGUE)
}
