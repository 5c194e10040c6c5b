// What the forms for clips and for samples share: files that are dropped anywhere on the page, and
// sending a form with its progress.

// A near miss must not make the browser leave the page. `mark` hears whether files are held over it.
function catchDrops(take, mark) {
  let depth = 0;
  addEventListener("dragenter", (event) => {
    if (carriesFiles(event)) depth += 1;
    mark(depth > 0);
  });
  addEventListener("dragleave", (event) => {
    if (carriesFiles(event)) depth -= 1;
    mark(depth > 0);
  });
  addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    depth = 0;
    mark(false);
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
}

function carriesFiles(event) {
  return event.dataTransfer?.types.includes("Files");
}

// `share` hears how much of it has gone, 0 to 1. `answered` becomes false where it was aborted.
function sendForm(address, body, share) {
  const request = new XMLHttpRequest();
  const answered = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) share(event.loaded / event.total);
    });
    request.addEventListener("load", () => resolve(true));
    request.addEventListener("abort", () => resolve(false));
    request.addEventListener("error", reject);
  });
  request.open("POST", address);
  request.setRequestHeader("HX-Request", "true");
  request.send(body);
  return { request, answered };
}
