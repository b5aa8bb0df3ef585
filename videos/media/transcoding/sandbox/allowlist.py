"""What ffmpeg and ffprobe may use on an untrusted file: the containers and codecs that cameras,
editors, screen recorders and phones write, and no access to other files or to a network."""

import re
from functools import lru_cache
from pathlib import Path

from videos.media.transcoding.sandbox.sniff import readable_bytes

CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,mpegvideo,avi,mxf,flv,asf,ogg,dv,"
    # Audio files, for a message that says so
    "wav,mp3,flac,aac,aiff,ac3,eac3,w64,caf,amr"
)
CODECS = (
    "h264,hevc,vvc,vp8,vp9,libvpx,libvpx-vp9,av1,libdav1d,mpeg1video,mpeg2video,mpeg4,h263,"
    "msmpeg4v1,msmpeg4v2,msmpeg4,wmv1,wmv2,wmv3,vc1,mjpeg,prores,prores_raw,dnxhd,dvvideo,cfhd,"
    "ffv1,huffyuv,ffvhuff,utvideo,magicyuv,qtrle,rawvideo,v210,r210,v410,png,jpeg2000,theora,"
    "flv,vp6,vp6f,svq1,svq3,cinepak,hap,"
    # Phones and cameras, new and old, and recorders of screens
    "apv,aic,hqx,hq_hqa,h263p,h263i,h261,vp7,dirac,rpza,8bps,msvideo1,msrle,indeo3,indeo4,indeo5,"
    "mjpegb,tscc2,camtasia,g2m,mss1,mss2,zmbv,camstudio,fraps,lagarith,libaom-av1,"
    "aac,aac_latm,aac_fixed,mp3,mp3float,mp2,mp2float,mp1,mp1float,ac3,ac3_fixed,eac3,dca,opus,"
    "libopus,vorbis,flac,alac,wmav1,wmav2,wmapro,wmalossless,truehd,amrnb,amrwb,"
    "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,"
    "pcm_u8,pcm_s8,pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,"
    "wavpack,tta,s302m,nellymoser,speex,libspeex,g722,g726,gsm,gsm_ms,adpcm_swf,adpcm_yamaha,"
    "qdm2,qdmc,mace3,mace6,mlp,qcelp,evrc,ilbc,atrac3,atrac3plus,dvaudio,dolby_e,wmavoice,"
    "pcm_s16le_planar,pcm_s24le_planar,pcm_s32le_planar,pcm_s16be_planar,pcm_s8_planar,pcm_f64be,"
    "pcm_f16le,pcm_f24le,libopencore_amrnb,libopencore_amrwb,libvorbis,"
    # Cover art is not shown, but one codec outside the list makes ffprobe refuse the whole file
    "gif,bmp,tiff,webp,libjxl,jpegxl,jpegls,targa,jpeg2000,"
    # Captions are not shown, but one codec outside the list makes ffprobe refuse the whole file
    "mov_text,subrip,srt,ass,ssa,webvtt,text,cc_dec,dvbsub,dvdsub,pgssub,xsub,libzvbi_teletextdec"
)
PART = re.compile(r"^subfile,,start,0,end,\d+,,:")  # as `input_url` writes it


def input_arguments(source: Path) -> list[str]:
    """The arguments of an input that cannot refer to another file."""
    options = [
        part for name, value in input_options(source).items() for part in (f"-{name}", value)
    ]
    return [*options, "-i", input_url(source)]


def input_options(source: Path) -> dict[str, str]:
    """The options before an input: local files only, and nothing outside the lists."""
    return {
        # `subfile` opens its file by the same list: it can only be a local file.
        "protocol_whitelist": "file" if usable_bytes(source) is None else "file,subfile",
        "format_whitelist": CONTAINERS,
        "codec_whitelist": CODECS,
    }


def input_url(source: Path) -> str:
    """The source as a URL for ffmpeg, whatever its name looks like; of an incomplete recording, the
    part that can be read."""
    whole = f"file:{source.resolve()}"
    end = usable_bytes(source)
    return whole if end is None else f"subfile,,start,0,end,{end},,:{whole}"


def path_of_url(input_url: str) -> Path:
    """The path in a URL of `input_url`."""
    return Path(PART.sub("", input_url, count=1).removeprefix("file:"))


def usable_bytes(source: Path) -> int | None:
    """How many bytes of a source are read; None for all of them, or if it is not a file."""
    if not source.is_file():
        return None
    status = source.stat()
    return cached_usable_bytes(source, status.st_size, status.st_mtime_ns)


# A source is named in a dozen commands, and a long one has tens of thousands of boxes.
@lru_cache(maxsize=32)
def cached_usable_bytes(source: Path, _size: int, _changed: int) -> int | None:
    """The same, cached by the size and the modification time of the file."""
    with source.open("rb") as file:
        return readable_bytes(file)
