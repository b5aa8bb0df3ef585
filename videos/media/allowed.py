"""What ffmpeg and ffprobe may use on a file of unknown intent: containers and codecs that cameras,
editors, screens and phones write, and no way to another file or to a network."""

import re
from functools import lru_cache
from pathlib import Path

from videos.media.sniff import readable

CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,mpegvideo,avi,mxf,flv,asf,ogg,dv,"
    # Sound alone, so that we can say so
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
    # Covers are not shown, but one outside the list makes ffprobe refuse the whole file
    "gif,bmp,tiff,webp,libjxl,jpegxl,jpegls,targa,jpeg2000,"
    # Captions are not shown, but one track outside the list makes ffprobe refuse the whole file
    "mov_text,subrip,srt,ass,ssa,webvtt,text,cc_dec,dvbsub,dvdsub,pgssub,xsub,libzvbi_teletextdec"
)
PART = re.compile(r"^subfile,,start,0,end,\d+,,:")  # as `address` writes it


def guarded(source: Path) -> list[str]:
    """Arguments for an input that can name no other file."""
    options = [part for name, value in guards(source).items() for part in (f"-{name}", value)]
    return [*options, "-i", address(source)]


def guards(source: Path) -> dict[str, str]:
    """What goes before an input: nothing but a local file, and nothing outside the lists."""
    return {
        # A part of a file is opened by the same list: it leads to a local file alone.
        "protocol_whitelist": "file" if read_until(source) is None else "file,subfile",
        "format_whitelist": CONTAINERS,
        "codec_whitelist": CODECS,
    }


def address(source: Path) -> str:
    """The source as ffmpeg takes it, whatever its name looks like: of one that broke off, the part
    that can be read."""
    whole = f"file:{source.resolve()}"
    end = read_until(source)
    return whole if end is None else f"subfile,,start,0,end,{end},,:{whole}"


def path_of(address: str) -> Path:
    """The file that an address leads to."""
    return Path(PART.sub("", address, count=1).removeprefix("file:"))


def read_until(source: Path) -> int | None:
    """How many bytes of a source are read; None: all of it, or it is no file."""
    if not source.is_file():
        return None
    told = source.stat()
    return looked_up(source, told.st_size, told.st_mtime_ns)


# A source is named in a dozen commands, and one of hours has tens of thousands of boxes.
@lru_cache(maxsize=32)
def looked_up(source: Path, _size: int, _changed: int) -> int | None:
    """The same of a file, which is looked into once while it is that large and that old."""
    with source.open("rb") as file:
        return readable(file)
