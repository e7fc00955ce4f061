/** A page that does what others may not: a test that hears nothing of this would hear nothing of them. */
console.warn('a warning');
console.error('an error');
setTimeout(() => {
  throw new Error('thrown');
});
void Promise.reject(new Error('rejected'));
const image = new Image();
image.src = '/none.png';
// Long enough for what comes with events to have come.
image.onerror = () =>
  setTimeout(() => {
    const found = document.createElement('pre');
    found.textContent = 'done';
    document.body.append(found);
  }, 100);
document.body.append(image);
