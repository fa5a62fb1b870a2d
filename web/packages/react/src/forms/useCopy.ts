import { useState } from 'react'

/** useCopy copies a text, and gives the key of what to say of it. */
export function useCopy() {
  const [said, setSaid] = useState<'copied' | 'copyRefused' | null>(null)
  const copy = async (text: string) => setSaid((await copyText(text)) ? 'copied' : 'copyRefused')
  return { said, copy }
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyByCommand(text)
  }
}

/** copyByCommand copies in a frame to which the host gave no clipboard-write: what a user's press does, browsers allow. */
function copyByCommand(text: string): boolean {
  let done = false
  const fill = (event: ClipboardEvent) => {
    event.preventDefault()
    event.clipboardData?.setData('text/plain', text)
    done = event.clipboardData !== null
  }
  document.addEventListener('copy', fill)
  document.execCommand('copy')
  document.removeEventListener('copy', fill)
  return done
}
