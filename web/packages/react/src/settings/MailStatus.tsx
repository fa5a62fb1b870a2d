import type { Schemas } from '../api/types'
import { hasText } from '../i18n'
import { useText } from '../provider'
import page from '../forms/page.module.css'
import { Badge, type Tone } from '../ui/StatusBadge'
import type { MailState } from './useMail'

interface Props {
  status: Schemas['MailStatus']
  /** Whether it is watched no longer, because somebody switched it off. */
  off?: boolean
}

/** MailStatus says how an account or a folder is, and what to do. */
export function MailStatus({ status: { state, advice, until, requestId }, off }: Props) {
  const { t, date } = useText()
  if (off) {
    return (
      <p>
        <Badge tone="neutral">{t('settings.inactive')}</Badge>
      </p>
    )
  }
  const key = `advice.${state}`
  return (
    <p className={page.muted} dir="auto">
      <Badge tone={tone(state)}>{t(`mail.${state}`)}</Badge> {state !== 'ok' && (hasText(key) ? t(key, { time: until ? date(until) : '' }) : advice)}{' '}
      {requestId && t('microsoft.requestId', { id: requestId })}
    </p>
  )
}

function tone(state: MailState): Tone {
  switch (state) {
    case 'ok':
      return 'success'
    case 'pending':
    case 'catching_up':
      return 'busy'
    case 'throttled':
    case 'push_degraded':
    case 'delayed':
      return 'warning'
    default:
      return 'danger'
  }
}
