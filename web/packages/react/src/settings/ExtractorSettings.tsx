import { useState } from 'react'
import type { Role } from '../api/types'
import page from '../forms/page.module.css'
import { useText } from '../provider'
import { Tabs } from '../ui/Tabs'
import { KeysTab } from './KeysTab'
import { MicrosoftTab } from './MicrosoftTab'
import { WebhooksTab } from './WebhooksTab'

export interface ExtractorSettingsProps {
  /** What the user is, where the host knows it. A member is told who can change settings; the API refuses one in any case. */
  role?: Role
}

type Tab = 'microsoft' | 'webhooks' | 'keys'

/** ExtractorSettings manages Microsoft accounts, webhooks and API keys. */
export function ExtractorSettings({ role }: ExtractorSettingsProps) {
  const { t } = useText()
  const [tab, setTab] = useState<Tab>('microsoft')
  const tabs = (['microsoft', 'webhooks', 'keys'] as const).map((id) => ({ id, title: t(`settings.${id}`) }))
  return (
    <section className={page.page} aria-label={t('settings.title')}>
      <h1>{t('settings.title')}</h1>
      {role === 'member' ? (
        <p role="status">{t('settings.forbidden')}</p>
      ) : (
        <Tabs label={t('settings.title')} tabs={tabs} selected={tab} onSelect={(id) => setTab(id as Tab)}>
          <div className={page.panel}>
            {tab === 'microsoft' && <MicrosoftTab />}
            {tab === 'webhooks' && <WebhooksTab />}
            {tab === 'keys' && <KeysTab />}
          </div>
        </Tabs>
      )}
    </section>
  )
}
