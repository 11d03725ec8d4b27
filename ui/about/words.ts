/** Texts of the dialog about the app. */
import { texts } from '../text/text.ts'

const en = {
  'about.build': 'Build',
  'about.files': 'App files',
  'about.label': 'Label',
  'about.licences': 'Licences of the parts',
  'about.origin': 'An independent, protocol-compatible implementation. innovaphone AG has neither made nor checked it.',
  'about.release': 'Release',
  'about.title': 'About Devices',
}
const de: Readonly<Record<keyof typeof en, string>> = {
  'about.build': 'Build',
  'about.files': 'Dateien der App',
  'about.label': 'Stand',
  'about.licences': 'Lizenzen der Bestandteile',
  'about.origin': 'Eine unabhängige, protokollkompatible Implementierung. Die innovaphone AG hat sie weder erstellt noch geprüft.',
  'about.release': 'Release',
  'about.title': 'Über Devices',
}
export const { t: about } = texts(en, de)
