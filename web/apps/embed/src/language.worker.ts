// Browsers read a language's data when its first date or number is written, which takes tens of milliseconds. Written
// here first, they are read beside the page's own thread, and for it, too. The worker's name is the language.
new Intl.DateTimeFormat(self.name, { dateStyle: 'medium', timeStyle: 'short' }).format()
new Intl.NumberFormat(self.name).format(1000)
self.close()
