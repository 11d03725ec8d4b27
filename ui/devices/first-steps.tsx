/** What a new installation shows instead of an empty grid: the way to the first device. */
import { useEffect, useState } from 'preact/hooks'
import { CopyButton } from '../parts/copy-button.tsx'
import { Icon } from '../parts/icons.tsx'
import { useWhyNot } from '../session/rights.ts'
import { connection, domainName, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'
import { likelyDomain } from './domain-dialogs.tsx'

export const FirstSteps = ({ onAdd }: { onAdd(): void }) => {
  const ready = useCell(domains).length > 0
  const mayNot = useWhyNot('operate')
  const [url, setUrl] = useState<string>()
  useEffect(() => { connection().request('GetRegistrationUrl', {}).then(reply => setUrl(reply.url), () => undefined) }, [])
  return (
    <div class="page">
      <div class="first stack">
        <div><h1>{t('first.title')}</h1><p class="dim">{t('first.about')}</p></div>
        <div>
          <section class={`step ${ready ? 'done' : 'now'}`}>
            <span class="n">{ready ? <Icon name="check" /> : 1}</span>
            <div><h2>{ready ? t('first.domainReady', domainName(likelyDomain())) : t('first.domain')}</h2><p class="dim">{t('first.domainAbout')}</p></div>
          </section>
          <section class="step now">
            <span class="n">2</span>
            <div><h2>{t('first.url')}</h2><p class="dim">{t('first.urlAbout')}</p>
              <div class="in-step">
                <div class="urlbox"><code>{url ?? ' '}</code>{url !== undefined && <CopyButton text={url} label={t('first.copy')} />}</div>
                <p role="status"><span class="st off"><Icon name="pulse" /><span>{t('first.listening')}</span></span></p>
              </div></div>
          </section>
          <section class="step">
            <span class="n">3</span>
            <div><h2>{t('first.mac')}</h2><p class="dim">{t('first.macAbout')}</p>
              <div class="in-step"><div class="btns"><button type="button" class="btn" disabled={mayNot !== undefined} title={mayNot} onClick={onAdd}><Icon name="plus" />{t('devices.add')}</button></div></div></div>
          </section>
        </div>
      </div>
    </div>
  )
}
