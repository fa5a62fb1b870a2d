import { IconButton } from '../forms/IconButton'
import page from '../forms/page.module.css'
import { useText } from '../provider'
import { Badge } from '../ui/StatusBadge'
import type { Webhook } from './useWebhooks'

interface Props {
  webhook: Webhook
  onOpen: () => void
  onEdit: () => void
  onSwitch: () => void
  onDelete: () => void
}

export function WebhookItem({ webhook, onOpen, onEdit, onSwitch, onDelete }: Props) {
  const { t } = useText()
  const { name } = webhook
  return (
    <li className={page.item}>
      <div className={page.text}>
        <h2 className={page.title} dir="auto">
          {name}
        </h2>
        <p className={page.about} dir="ltr">
          {webhook.url}
        </p>
        <WebhookState webhook={webhook} />
      </div>
      <div className={page.icons}>
        <IconButton icon="open" label={t('webhooks.open', { name })} data-opens={webhook.id} onClick={onOpen} />
        <IconButton icon="edit" label={t('settings.edit', { name })} onClick={onEdit} />
        <IconButton
          icon={webhook.isActive ? 'off' : 'on'}
          label={t(webhook.isActive ? 'settings.switchOff' : 'settings.switchOn', { name })}
          onClick={onSwitch}
        />
        <IconButton icon="delete" label={t('settings.deleteItem', { name })} onClick={onDelete} />
      </div>
    </li>
  )
}

/** WebhookState says how a webhook is, and why it was switched off. */
export function WebhookState({ webhook }: { webhook: Webhook }) {
  const { t } = useText()
  const words = {
    active: 'settings.active',
    failing: 'webhooks.failing',
    paused: 'webhooks.paused',
    disabled: 'webhooks.disabled',
  } as const
  const tones = { active: 'success', failing: 'warning', paused: 'neutral', disabled: 'danger' } as const
  return (
    <p className={page.muted}>
      <Badge tone={tones[webhook.status]}>{t(words[webhook.status])}</Badge>{' '}
      {webhook.disabledReason && t('webhooks.reason', { reason: webhook.disabledReason })}
    </p>
  )
}
