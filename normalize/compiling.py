"""How Numba compiles the parts of kernels: only as far as the kernels that call them need it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering
from numba.extending import register_jitable


def learn_parts(parts: list[Callable[..., Any]]) -> None:
    """Tell Numba of functions that kernels may call, and empty the list."""
    while parts:
        register_jitable(pipeline_class=_Compiler, no_cfunc_wrapper=True, no_cpython_wrapper=True)(parts.pop())


class _Library(JITCodeLibrary):
    """The code of a part, which is linked into the kernels, and optimized there."""

    def _optimize_final_module(self) -> None:
        pass


@register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(NativeLowering):
    _name = "taoxi_part_lowering"

    def run_pass(self, state: Any) -> bool:  # noqa: ANN401 - numba has no types
        state.library = _Library(state.targetctx.codegen(), state.func_id.func_qualname)  # type: ignore[no-untyped-call]
        state.library.enable_object_caching()
        return bool(super().run_pass(state))  # type: ignore[no-untyped-call]


class _Compiler(CompilerBase):
    def define_pipelines(self) -> list[Any]:
        """Return Numba's pipeline with the lowering of parts."""
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline.passes = [(_Lowering if step is NativeLowering else step, why) for step, why in pipeline.passes]
        pipeline.finalize()
        return [pipeline]
