// Reads a label with the telephone's camera where the browser can; the number can always be typed.
const box = document.querySelector("[data-scan]");
const FORMATS = ["code_128", "data_matrix"];

async function look(video, detector, found) {
  if (video.hidden) return;
  const codes = await detector.detect(video).catch(() => []);
  if (codes.length) { found(codes[0].rawValue); return; }
  requestAnimationFrame(() => look(video, detector, found));
}

async function start(button, video, input) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const stop = () => { for (const track of stream.getTracks()) track.stop(); video.hidden = true; button.hidden = false; };
  video.srcObject = stream;
  video.hidden = false;
  button.hidden = true;
  await video.play();
  look(video, new BarcodeDetector({ formats: FORMATS }), (text) => {
    stop();
    navigator.vibrate?.(80);
    input.value = text;
    input.form.requestSubmit();
  });
}

if (box && "BarcodeDetector" in window && navigator.mediaDevices) {
  const [button, video, input] = ["button", "video", "input[name=number]"].map((part) => box.querySelector(part));
  button.hidden = false;
  button.addEventListener("click", () => start(button, video, input).catch(() => { button.hidden = true; }));
}
