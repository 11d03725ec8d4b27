/** Texts of provisioning. */
import { de } from '../text/de-provisioning.ts'
import { en } from '../text/en-provisioning.ts'
import { texts } from '../text/text.ts'

export const { t: w, plural: ws } = texts(en, de)
export type WordId = keyof typeof en
