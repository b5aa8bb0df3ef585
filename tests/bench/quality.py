"""How like its source a rendition is, by VMAF.

The highest rendition is compared at its own size; a smaller one is enlarged by `bicubic` to the
size it is watched at, 1080 lines at most, and the source made as small where it is larger. Above
1080 lines the model for 4K screens is used. Every third picture is compared.
"""

import json
import subprocess
import tempfile
from pathlib import Path

from videos.media.transcoding.sandbox import binaries

EVERY = 3


def vmaf(rendition: Path, source: Path, width: int, height: int) -> float:
    """The mean VMAF of a rendition (a file or a playlist), seen at `width` × `height`."""
    seen = f"scale={width}:{height}:flags=bicubic,format=yuv420p,setpts=N/TB"
    model = "vmaf_4k_v0.6.1" if min(width, height) > 1080 else "vmaf_v0.6.1"
    with tempfile.NamedTemporaryFile(suffix=".json") as log:
        compare = (
            f"libvmaf=model=version={model}:n_threads=2:n_subsample={EVERY}"
            f":log_fmt=json:log_path={log.name}"
        )
        ended = subprocess.run(
            [
                *(binaries.ffmpeg(), "-v", "error", "-nostdin"),
                *("-i", str(rendition), "-i", str(source)),
                *("-lavfi", f"[0:v]{seen}[a];[1:v]{seen}[b];[a][b]{compare}", "-f", "null", "-"),
            ],
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert ended.returncode == 0, ended.stderr[-2000:]
        return float(json.loads(log.read())["pooled_metrics"]["vmaf"]["mean"])
