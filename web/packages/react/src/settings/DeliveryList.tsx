import { useState } from 'react'
import page from '../forms/page.module.css'
import { SelectField } from '../forms/SelectField'
import { useText } from '../provider'
import { Button } from '../ui/Button'
import { QueryState } from '../ui/States'
import { Badge } from '../ui/StatusBadge'
import { DeliveryAttempts } from './DeliveryAttempts'
import styles from './settings.module.css'
import { type Delivery, type DeliveryState, useDeliveries } from './useWebhooks'

/** DeliveryList lists a webhook's deliveries, newest first; each opens to its attempts. */
export function DeliveryList({ webhook }: { webhook: string }) {
  const { t } = useText()
  const [state, setState] = useState<DeliveryState | ''>('')
  const [opened, setOpened] = useState('')
  const list = useDeliveries(webhook, state)
  const deliveries = list.data?.pages.flatMap(({ items }) => items) ?? []
  const options = [
    { value: '', label: t('all') },
    ...(['pending', 'succeeded', 'failed'] as const).map((value) => ({ value, label: t(`webhooks.${value}`) })),
  ]
  return (
    <div className={page.page}>
      <SelectField
        label={t('webhooks.state')}
        value={state}
        options={options}
        onChange={(value) => setState(value as DeliveryState | '')}
      />
      <QueryState of={list} />
      {list.isSuccess && deliveries.length === 0 && <p className={page.muted}>{t('webhooks.noDeliveries')}</p>}
      <ul className={page.list}>
        {deliveries.map((delivery) => (
          <DeliveryItem
            key={delivery.id}
            delivery={delivery}
            open={opened === delivery.id}
            onToggle={() => setOpened(opened === delivery.id ? '' : delivery.id)}
          />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>
          {t('documents.more')}
        </Button>
      )}
    </div>
  )
}

function DeliveryItem({ delivery, open, onToggle }: { delivery: Delivery; open: boolean; onToggle: () => void }) {
  const { t, date } = useText()
  const tones = { pending: 'busy', succeeded: 'success', failed: 'danger' } as const
  return (
    <li className={`${page.item} ${page.column}`}>
      <button type="button" className={styles.disclosure} aria-expanded={open} onClick={onToggle}>
        <span dir="ltr">{delivery.event}</span>
        {delivery.fileName !== null && <bdi>{delivery.fileName}</bdi>}
        <Badge tone={tones[delivery.state]}>{t(`webhooks.${delivery.state}`)}</Badge>
        <span className={page.muted}>{date(delivery.createdAt)}</span>
      </button>
      {open && <DeliveryAttempts delivery={delivery} />}
    </li>
  )
}
