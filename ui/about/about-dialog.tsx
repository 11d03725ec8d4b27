/** Which release this is: what an administrator is asked for first when something does not work. */
import manifest from '../../manifest/release.json' with { type: 'json' }
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import { t } from '../text/text.ts'
import { about } from './words.ts'

/** The folder that the page comes from is named by the content of the app's files (wire-protocols 6.1). */
const filesOf = (page: URL | Location): string => page.pathname.split('/').at(-2) ?? ''

export const AboutDialog = ({ onClose }: { onClose(): void }) => (
  <Dialog title={about('about.title')} onClose={onClose} foot={<button type="button" class="btn primary" onClick={onClose}>{t('action.close')}</button>}>
    <dl class="kv">
      <dt>{about('about.release')}</dt><dd>{manifest.id}</dd>
      <dt>{about('about.label')}</dt><dd>{manifest.label}</dd>
      <dt>{about('about.build')}</dt><dd>{manifest.build}</dd>
      <dt>{about('about.files')}</dt><dd>{filesOf(location)}</dd>
    </dl>
    <p>{about('about.origin')}</p>
    <p><a class="btn small" href="NOTICE.txt" target="_blank" rel="noopener noreferrer"><Icon name="external" />{about('about.licences')}</a></p>
  </Dialog>
)
