/** The form with which an App object is created or edited (wire-protocols 7.2; features 1: fields Name and SIP). */
import { Dialog } from './dialog.ts'
import { saying } from './elements.ts'
import { faultWords } from './fault-text.ts'
import { textField, type Field } from './field.ts'
import type { PageContext } from './page-context.ts'
import { passwordPart } from './password-part.ts'
import { KINDS, type AppObject, type Kind } from './pbx.ts'
import { templateChoice } from './template-choice.ts'
import { writeTemplates } from './template-rights.ts'
import type { TextId } from './text/en.ts'

const LONGEST_NAME = 128
const LONGEST_SIP = 64
/** A comma separates names in templates; the others mean something in URLs and addresses. */
const NO_SIP = /[\s,;:@/"<>]/
const FIRST: Readonly<Record<Kind, { name: string, sip: string }>> = { ui: { name: 'Devices', sip: 'devices' }, api: { name: 'Devices API', sip: 'devices-api' } }

function nameProblem(name: string): TextId | undefined { return name === '' ? 'form.nameMissing' : undefined }

function sipProblem(sip: string, object: AppObject | undefined, { objects }: PageContext): TextId | undefined {
  if (sip === '') return 'form.sipMissing'
  if (NO_SIP.test(sip)) return 'form.sipWrong'
  return objects.list.some(one => one.guid !== object?.guid && one.sip.toLowerCase() === sip.toLowerCase()) ? 'form.sipTaken' : undefined
}

export function openObjectDialog(context: PageContext, kind: Kind, given?: AppObject): void {
  const { objects, pbx } = context
  let object = given
  const first = FIRST[kind]
  const name = textField('form.name', 'form.nameHint', object?.title ?? first.name, LONGEST_NAME)
  const sip = textField('form.sip', 'form.sipHint', object?.sip ?? objects.freeSip(first.sip), LONGEST_SIP)
  const templates = templateChoice(pbx)
  const password = passwordPart(objects, object ? 'edit' : 'create', object)
  /** Marks the field; it is focused when it is the first wrong one. */
  const judged = (field: Field, problem: TextId | undefined): boolean => {
    field.mark(problem === undefined ? undefined : { id: problem })
    return problem === undefined
  }
  const dialog = new Dialog({
    ...object ? { title: 'form.editTitle', titleValue: object.title } : { title: kind === 'ui' ? 'ui.addTitle' : 'api.addTitle' },
    body: [
      name.element, sip.element, templates.element,
      saying('p', { class: 'idm-hint' }, kind === 'ui' ? 'form.settings' : 'form.settingsApi', object?.url ?? `${context.base}/${KINDS[kind]}`),
      password.element,
    ],
    action: object ? 'action.save' : 'action.create', busy: 'saving',
    run: async () => {
      const right = [judged(name, nameProblem(name.value)), judged(sip, sipProblem(sip.value, object, context))]
      if (right.includes(false)) {
        (right[0] === false ? name : sip).focus()
        return false
      }
      const created = object === undefined
      const former = object?.sip ?? ''
      const saved = await password.write(source => objects.save(kind, object, { name: name.value, sip: sip.value }, source))
      if (!saved) return false
      object = saved
      context.settled()
      const failed = await writeTemplates(pbx, templates.states, { former, sip: sip.value, wanted: templates.wanted })
      if (failed.length > 0) {
        dialog.problem('templates.failed', failed.map(one => `${one.name} – ${faultWords(one.fault)}`).join(' '))
        await templates.read(sip.value)
        return false
      }
      context.done(created ? 'created' : 'saved', name.value)
      return true
    },
  })
  dialog.open(context.root)
  name.focus()
  dialog.wait(true)
  void Promise.all([templates.read(object?.sip ?? ''), password.read()]).then(([, known]) => dialog.wait(!known))
}
