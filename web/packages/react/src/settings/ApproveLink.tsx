import { useState } from 'react'
import { Notice } from '../forms/Notice'
import page from '../forms/page.module.css'
import { useText } from '../provider'
import { Button } from '../ui/Button'

/** ApproveLink leads to an administrator's consent, and can be copied for one. */
export function ApproveLink({ url }: { url: string }) {
  const { t } = useText()
  const [copied, setCopied] = useState(false)
  const copy = () =>
    void navigator.clipboard.writeText(url).then(
      () => setCopied(true),
      () => setCopied(false), // the host may not allow it; the browser can copy a link
    )
  return (
    <div className={page.actions}>
      <a href={url} target="_blank" rel="noopener noreferrer">
        {t('microsoft.approve')}
      </a>
      <Button onClick={copy}>{t('microsoft.copyLink')}</Button>
      <Notice text={copied ? t('copied') : ''} />
    </div>
  )
}
