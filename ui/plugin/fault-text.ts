/** The text of a fault, in an element. */
import { say, t } from './elements.ts'
import type { Fault } from './fault.ts'

/** The words of the other side are of any length. */
const SHOWN = 200
export const detail = (fault: Fault) => (): string => fault.detail.slice(0, SHOWN) || t('fault.noReason')

export const sayFault = <E extends Element>(element: E, fault: Fault): E => say(element, `fault.${fault.code}`, [detail(fault)])
export const faultWords = (fault: Fault): string => t(`fault.${fault.code}`, detail(fault))
